#!/usr/bin/env python3
"""Keeps docs/rfc.md honest: every RFC that the code cites has a row there, and a row that says "yes" or "partly" has a
citation in the folder it names.

    tools/check_rfc_table.py           exit 0 if table and code agree
    tools/check_rfc_table.py --list    RFC, how often cited, in which folders
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CITATION = re.compile(r"\bRFC[ -]?(\d{3,5})\b")
ROW = re.compile(r"^\| \[?(\d+)(?:\]\([^)]*\))? \| ([^|]+) \| (yes|partly|planned|no) \|([^|]*)\|")


def citations():
    """{rfc: {folder: count}} of what stands in the sources."""
    cited = collections.defaultdict(collections.Counter)
    for top in ("src", "apps", "tests/transcripts"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in (".h", ".cc", ".txt") and path.is_file():
                folder = "/".join(path.relative_to(ROOT).parts[1:-1]) or top
                for number in CITATION.findall(path.read_text(errors="replace")):
                    cited[int(number)][folder] += 1
    return cited


def rows():
    table = {}
    for line in (ROOT / "docs/rfc.md").read_text().splitlines():
        if match := ROW.match(line):
            table[int(match[1])] = (match[3], [name.strip(" `") for name in match[4].split(",") if name.strip()])
    return table


def main():
    cited = citations()
    if "--list" in sys.argv:
        for number in sorted(cited):
            print(number, sum(cited[number].values()), ", ".join(sorted(cited[number])))
        return 0
    table = rows()
    found = [f"RFC {number} is cited in {', '.join(sorted(cited[number]))} but has no row in docs/rfc.md"
             for number in sorted(cited) if number not in table]
    for number, (state, folders) in sorted(table.items()):
        if state in ("yes", "partly"):
            for folder in folders:
                if not any(name == folder or name.startswith(folder + "/") for name in cited.get(number, ())):
                    found.append(f"docs/rfc.md says RFC {number} is in {folder}, where nothing cites it")
    print("\n".join(found) if found else f"rfc table: {len(table)} rows, {len(cited)} cited")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
