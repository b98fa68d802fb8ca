#!/usr/bin/env python3
"""Runs scenarios against a server program: every test_* function of the test_*.py files in this folder and below.

    run.py --program PATH [--jobs N] [--without PART]... [PART...]

PART is a part of a scenario's name, as signals, clients.test_mpop. With --jobs so many are played at once.

Exit 0 if all passed; the last line is "N passed, N failed".
"""
import argparse
import collections
import concurrent.futures
import importlib
import inspect
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "dns")]
sys.dont_write_bytecode = True

import harness  # noqa: E402


def scenarios(parts, without):
    """The names and functions of those that have one of the parts (all, if there are none) and none of the others."""
    for file in sorted(HERE.rglob("test_*.py")):
        path = ".".join(file.relative_to(HERE).with_suffix("").parts)
        for name, function in inspect.getmembers(importlib.import_module(path), inspect.isfunction):
            full = f"{path}.{name}"
            chosen = not parts or any(part in full for part in parts)
            if name.startswith("test_") and chosen and not any(part in full for part in without):
                yield full, function


def play(program, function):
    """None if the scenario passed, else what went wrong and what the servers said. Raises Skipped."""
    here = harness.Place(program)
    try:
        try:
            function(here)
        finally:
            here.leave()
    except harness.Skipped:
        raise
    except Exception:  # whatever it was, the other scenarios still count
        return traceback.format_exc(limit=-4) + "".join(f"--- log of a server\n{s.log()}" for s in here.servers)
    return None


def played(program, name, function):
    """How it went: "ok", "FAIL" or "skip", and what is to be said of it."""
    begin = time.monotonic()
    try:
        problem = play(program, function)
    except harness.Skipped as reason:
        return "skip", f"{name}: {reason}"
    said = f"{name} ({time.monotonic() - begin:.2f} s)"
    return ("FAIL", f"{said}\n{problem}") if problem else ("ok", said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the server to run")
    parser.add_argument("--jobs", type=int, default=1, help="how many scenarios are played at once")
    parser.add_argument("--without", action="append", default=[], help="a part of the names that are left out")
    parser.add_argument("parts", nargs="*")
    given = parser.parse_args()
    program = str(pathlib.Path(given.program).resolve())
    count = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        playing = [pool.submit(played, program, *scenario) for scenario in scenarios(given.parts, given.without)]
        for future in concurrent.futures.as_completed(playing):
            how, said = future.result()
            print(f"{how:4} {said}", flush=True)
            count[how] += 1
    print(f"{count['ok']} passed, {count['FAIL']} failed" + (f", {count['skip']} skipped" if count["skip"] else ""))
    return 0 if count["FAIL"] == 0 and count["ok"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
