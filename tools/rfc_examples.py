#!/usr/bin/env python3
"""Which dialogues that RFCs give as examples have a transcript: sections with lines "C:" in the RFC, against the remarks
"# RFC N §S" in tests/transcripts. A transcript that cites a section below counts for it.

    tools/rfc_examples.py FOLDER RFC...      FOLDER holds rfcNNNN.txt; one line a section, those without a transcript marked
"""
import pathlib
import re
import sys

HEADING = re.compile(r"^(\d+(?:\.\d+)*)\.?\s{1,3}\S")
CLIENT = re.compile(r"^\s+(?:Example:\s+)?C:\s")
REMARK = re.compile(r"RFC (\d+)((?:,? (?:and )?§[\d.]+)+)")


def sections_with_dialogues(text):
    """{section: number of the client's lines}, in the order of the text."""
    found, section = {}, "0"
    for line in text.splitlines():
        if heading := HEADING.match(line):
            section = heading.group(1)
        elif CLIENT.match(line):
            found[section] = found.get(section, 0) + 1
    return found


def cited(root):
    """{(rfc, section)} of all remarks in transcripts."""
    cites = set()
    for path in (root / "tests/transcripts").rglob("*.txt"):
        for line in path.read_text().splitlines():
            if line.startswith("#"):
                for rfc, sections in REMARK.findall(line):
                    cites.update((int(rfc), section.strip(".")) for section in re.findall(r"§([\d.]+)", sections))
    return cites


def main(folder, *rfcs):
    root = pathlib.Path(__file__).resolve().parent.parent
    cites = cited(root)
    missing = 0
    for rfc in map(int, rfcs):
        text = (pathlib.Path(folder) / f"rfc{rfc}.txt").read_text(encoding="utf-8-sig", errors="replace")
        for section, lines in sections_with_dialogues(text).items():
            has = any(number == rfc and (said == section or said.startswith(section + ".")) for number, said in cites)
            missing += not has
            print(f"{'     ' if has else 'none '} RFC {rfc} §{section}: {lines} lines of a client")
    print(f"{missing} sections have no transcript")


if __name__ == "__main__":
    main(*sys.argv[1:])
