"""Medians of all rounds, as Markdown."""
import statistics


def shown(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ratio(ours, theirs, more_is_better):
    """How many times better ours is."""
    if not ours or not theirs:
        return "-"
    return shown(ours / theirs if more_is_better else theirs / ours)


def table(workloads, rounds, titles):
    """rounds: {(workload, phase, server): [figures of one round, ...]}; servers as in titles, ours first."""
    lines = ["| Workload | Figure | " + " | ".join(titles) + " | times better |",
             "|---|---|" + "---:|" * (len(titles) + 1)]
    for workload in workloads:
        phases = list(dict.fromkeys(phase for name, phase, _ in rounds if name == workload.name))
        for phase in phases:
            title = workload.title if len(phases) == 1 else f"{workload.title}: {phase}"
            for figure, name, more_is_better in workload.figures:
                medians = [statistics.median(seen[figure] for seen in rounds[workload.name, phase, server])
                           for server in titles]
                better = ratio(medians[0], medians[-1], more_is_better) if len(titles) > 1 else "-"
                lines.append(f"| {title} | {name} | " + " | ".join(map(shown, medians)) + f" | {better} |")
                title = ""
    return "\n".join(lines)
