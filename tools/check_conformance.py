#!/usr/bin/env python3
"""Holds the tables of docs/conformance/ to the tests: what a row names as its proof must be there.

    tools/check_conformance.py [ROOT]       exit 0 if all is well; one line a finding
    tools/check_conformance.py --self-test  shows that each kind of finding is found

docs/conformance/README.md says how a table is written.
"""
import pathlib
import re
import sys
import tempfile

FILE = re.compile(r"rfc(\d+)\.md")
STATES = {"yes": True, "partly": True, "no": False, "n/a": False}  # whether a test must be named
HEADER = ["section", "requirement", "state", "test"]
CASE = re.compile(r"^(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+)\s*,\s*(\w+)", re.M)
SCENARIO = re.compile(r"^def (test_\w+)\(", re.M)
REMARK = re.compile(r"^#[ \t]?(.*(?:\n#.*)*)", re.M)
QUOTED = re.compile(r"`([^`]+)`")


def words(text):
    """Lines of remarks are one sentence, however they were broken."""
    return " ".join(text.replace("\n#", " ").split())


class Tests:
    """All that a row may name."""

    def __init__(self, root):
        self.cases, self.scenarios, self.transcripts = set(), set(), {}
        for top in ("src", "tests", "apps"):
            for path in (root / top).rglob("*_test.cc"):
                self.cases.update(".".join(found) for found in CASE.findall(path.read_text()))
        scenarios = root / "tests/scenarios"
        for path in scenarios.rglob("test_*.py"):
            module = ".".join(path.relative_to(scenarios).with_suffix("").parts)
            self.scenarios.update(f"{module}.{name}" for name in SCENARIO.findall(path.read_text()))
        transcripts = root / "tests/transcripts"
        for path in transcripts.rglob("*.txt"):
            self.transcripts[str(path.relative_to(transcripts))] = [
                words(remark) for remark in REMARK.findall(path.read_text())]

    def problem(self, name):
        """Why it is no test; nothing if it is one."""
        file, divide, remark = name.partition("#")
        if file.endswith(".txt"):
            if file not in self.transcripts:
                return f"there is no transcript {file}"
            said = any(words(remark) in one for one in self.transcripts[file])
            return None if said or not divide else f"no remark in {file} says \"{remark}\""
        if name in self.cases or name in self.scenarios:
            return None
        return f"there is no test {name}"


def cells(line):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def findings_in_row(row, tests):
    if len(row) != len(HEADER):
        yield f"a row has {len(row)} cells instead of {len(HEADER)}"
        return
    section, requirement, state, test = row
    if not section or not requirement:
        yield "a row says neither where the requirement stands nor what it is"
    if state not in STATES:
        yield f"\"{state}\" is none of {', '.join(STATES)}"
        return
    named = QUOTED.findall(test)
    if STATES[state] and not named:
        yield f"\"{requirement}\" is said to be so and names no test"
    if state == "no" and not test:
        yield f"\"{requirement}\" is not done, and nothing says what is so instead"
    yield from filter(None, (tests.problem(name) for name in named))


def findings_in_table(path, says, tests):
    """`says`: the state of the whole RFC in docs/rfc.md."""
    rows = [(number, cells(line)) for number, line in enumerate(path.read_text().splitlines(), 1)
            if line.startswith("|")]
    rows = [(number, row) for number, row in rows if not all(set(cell) <= set("-:") for cell in row)]
    if not any(row != HEADER for _, row in rows):
        yield f"{path.name}: has no rows"
    header = None
    for number, row in rows:
        if row == HEADER:
            header = row
        elif header is None:
            yield f"{path.name}:{number}: no line \"| {' | '.join(HEADER)} |\" stands above this row"
        else:
            for finding in findings_in_row(row, tests):
                yield f"{path.name}:{number}: {finding}"
            if says == "yes" and row[2:3] == ["partly"]:
                yield f"{path.name}:{number}: docs/rfc.md says yes where this is partly so"


def findings(root):
    tests = Tests(root)
    table = (root / "docs/rfc.md").read_text()
    for path in sorted((root / "docs/conformance").glob("*.md")):
        if path.name == "README.md":
            continue
        match = FILE.fullmatch(path.name)
        if match is None:
            yield f"{path.name}: is not called rfcNNNN.md"
            continue
        if f"| [{match[1]}](conformance/{path.name}) |" not in table:
            yield f"{path.name}: docs/rfc.md does not lead to it: \"| [{match[1]}](conformance/{path.name}) |\""
        if not path.read_text().startswith(f"# RFC {match[1]}"):
            yield f"{path.name}: does not begin with \"# RFC {match[1]}\""
        says = re.search(rf"^\| \[{match[1]}\]\(.*\| (\w+) \|[^|]*\|$", table, re.M)
        yield from findings_in_table(path, says and says[1], tests)


def self_test():
    """Rows that are right and rows that are wrong in one way each."""
    head = "# RFC 1\n\n| section | requirement | state | test |\n|---|---|---|---|\n"
    cases = [
        ("| 1 | a | yes | `Suite.Case`, `smtp/a.txt`, `outbound.test_it.test_one` |", None),
        ("| 1 | a | yes | half of it: `smtp/a.txt#RFC 1 §2: a remark of two lines` |", None),
        ("| 1 | a | partly | half of it: `smtp/a.txt` |", "docs/rfc.md says yes"),
        ("| 1 | a | no | it is left to a resolver |", None),
        ("| 1 | a | n/a | |", None),
        ("| 1 | a | yes | |", "names no test"),
        ("| 1 | a | yes | `Suite.Other` |", "there is no test Suite.Other"),
        ("| 1 | a | yes | `test_it.test_one` |", "there is no test test_it.test_one"),
        ("| 1 | a | yes | `smtp/b.txt` |", "there is no transcript smtp/b.txt"),
        ("| 1 | a | yes | `smtp/a.txt#never said` |", "no remark in smtp/a.txt"),
        ("| 1 | a | no | |", "what is so instead"),
        ("| 1 | a | maybe | |", "is none of"),
        ("| 1 | a | yes |", "3 cells"),
        ("", "has no rows"),
    ]
    failed = 0
    for row, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            files = {
                "docs/rfc.md": "| [1](conformance/rfc1.md) | One | yes | smtp |\n",
                "docs/conformance/rfc1.md": head + row + "\n",
                "src/smtp/one_test.cc": "TEST_F(Suite, Case) {\n",
                "tests/scenarios/outbound/test_it.py": "def test_one(place):\n",
                "tests/transcripts/smtp/a.txt": "# RFC 1 §2: a remark\n# of two lines.\nS: 220\n",
            }
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            found = list(findings(root))
        if (len(found) != 1 or expected not in found[0]) if expected else found:
            failed += 1
            print(f"{row}: expected {expected}, found {found}")
    print(f"self test: {len(cases) - failed} of {len(cases)} as they should be")
    return 1 if failed else 0


def main():
    if "--self-test" in sys.argv:
        return self_test()
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    found = list(findings(root))
    tables = sum(1 for path in (root / "docs/conformance").glob("rfc*.md"))
    print("\n".join(found) if found else f"conformance: {tables} tables, each proof is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
