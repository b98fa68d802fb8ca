#!/usr/bin/env python3
"""Holds refusals of mail to their table: who judges mail, or limits it, takes what he says from src/smtp/grounds.h.

A reply of 4xx or 5xx that is written down elsewhere in the folders that refuse mail is a finding; what is no refusal of
mail (grammar, faults of ours) stands in the files named below. A row of the table that nobody uses is one, too.

    tools/check_refusals.py [ROOT]      exit 0 if all is well; one line a finding
    tools/check_refusals.py --self-test shows that each kind of finding is found
"""
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = "src/smtp/grounds.h"
# Grammar, order of commands, faults of ours, farewells.
NO_REFUSALS_OF_MAIL = {TABLE, "src/smtp/replies.h", "src/smtp/session.cc", "src/flow/replies.h"}
FOLDERS = ("smtp", "spam", "flow", "reputation", "server")
OTHERS = re.compile(r"_(test|fuzz|bench|for_test|fixture)\.(cc|h)$")
WRITTEN = re.compile(r'\b[45]\d\d\s*(?::\s*[45]\d\d\s*)?,[^;{}]{0,60}?"[45]\.\d+\.\d+"')
ROW = re.compile(r'^    \{"([a-z-]+)",', re.M)
USE = re.compile(r'\bground\(\s*"([a-z-]+)"\s*\)')


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / "src" / folder).rglob("*")):
            if path.suffix in (".h", ".cc") and not OTHERS.search(path.name):
                yield path.relative_to(root).as_posix(), path.read_text()


def findings(root):
    used = set()
    for name, text in sources(root):
        used |= set(USE.findall(text))
        if name in NO_REFUSALS_OF_MAIL:
            continue
        for match in WRITTEN.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: a refusal that is not in {TABLE}: {' '.join(match[0].split())}"
    for code in ROW.findall((root / TABLE).read_text()):
        if code not in used:
            yield f"{TABLE}: nobody refuses mail on the ground \"{code}\""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {TABLE: '    {"used", 550, "5.7.1", "No", "x"},\n    {"idle", 451, "4.7.1", "No", "x"},\n',
                           "src/spam/a.cc": 'return ground("used").plain();\nreturn smtp::Reply{\n    550, "5.7.1", "No"};\n',
                           "src/spam/b.cc": 'smtp::Reply{defers ? 451 : 550, defers ? "4.7.1" : "5.7.1", words}',
                           "src/spam/a_test.cc": 'smtp::Reply{550, "5.7.1", "No"}'}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = list(findings(root))
        wanted = ("src/spam/a.cc:3", "src/spam/b.cc:1", 'ground "idle"')
        assert len(found) == len(wanted) and all(any(want in line for line in found) for want in wanted), found


def main():
    if "--self-test" in sys.argv:
        return self_test()
    found = list(findings(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
