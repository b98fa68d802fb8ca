#!/usr/bin/env python3
"""Holds refusals of mail to their table: who judges mail, or limits it, takes what he says from src/smtp/grounds.h.

A reply of 4xx or 5xx that is written down elsewhere in the folders that refuse mail is a finding, but for replies about
grammar, order, log-in and faults of ours in the files for those, and for the few that are named below: docs/refusals.md
says of them that they have no code. A row of the table that nobody uses is a finding, too, and a name that is not there;
and a sentence that is given more or less than it has places `{}` for.

    tools/check_refusals.py [ROOT]      exit 0 if all is well; one line a finding
    tools/check_refusals.py --self-test shows that each kind of finding is found
"""
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = "src/smtp/grounds.h"
PAGE = "docs/refusals.md"
SESSIONS, DECISIONS, FAREWELLS = "src/smtp/replies.h", "src/flow/replies.h", "src/smtp/session.cc"
# Grammar and the order of commands; log-in and TLS; faults of ours, and want of room or time.
NO_REFUSALS_OF_MAIL = re.compile(r"50[0-4] |555 |(432|454|53[0458]) |451 4\.3\.[02]|452 4\.3\.1")
# Others without a row, by their names; the page tells of each.
WITHOUT_A_ROW = {
    SESSIONS: {"no_valid_recipients", "domain_missing", "sender_needs_smtputf8", "recipient_needs_smtputf8",
               "too_many_commands", "too_many_attempts"},
    DECISIONS: {"bad_domain", "list_too_long", "has_been_here", "too_large", "changed_meanwhile", "unknown_url",
                "url_needs_leave", "url_for_another", "url_failed", "url_too_large", "cannot_queue", "node_not_allowed"},
}
FOLDERS = ("smtp", "spam", "flow", "reputation", "server")
OTHERS = re.compile(r"_(test|fuzz|bench|for_test|fixture)\.(cc|h)$")
WRITTEN = re.compile(r'\b[45]\d\d\s*(?::\s*[45]\d\d\s*)?,[^;{}]{0,60}?"[45]\.\d+\.\d+"')
ROW = re.compile(r'^    \{"([a-z-]+)",', re.M)
NAMED = re.compile(r'^ +(\w+) *\{([45]\d\d), +"([45]\.\d+\.\d+)"', re.M)
SENTENCE = re.compile(r'^    \{"([a-z-]+)",[^"]*"[^"]*",\s*"((?:[^"\\]|\\.)*)"', re.M)
MADE = re.compile(r'\bground(?:\(\s*"([a-z-]+)"\s*\))?\s*\.(plain|because)\(')
PASSED_ON = re.compile(r'\bground\(\s*"([a-z-]+)"\s*\)(?!\s*\.)')
USE = re.compile(r'\bground\(\s*"([a-z-]+)"\s*\)')


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / "src" / folder).rglob("*")):
            if path.suffix in (".h", ".cc") and not OTHERS.search(path.name):
                yield path.relative_to(root).as_posix(), path.read_text()


def without_a_row(path, text, page):
    """Where in the text of that file replies stand that need no row; what is wrong with the names above."""
    places, found, wanted = set(), [], set(WITHOUT_A_ROW.get(path, ()))
    for match in NAMED.finditer(text) if path in WITHOUT_A_ROW else ():
        name, reply = match[1], f"{match[2]} {match[3]}"
        if name in wanted:
            wanted.discard(name)
            if reply not in page:
                found.append(f"{PAGE}: tells nothing of {reply}, {name} in {path}")
        elif not NO_REFUSALS_OF_MAIL.match(reply):
            continue
        places.add(match.start(2))
    if path == FAREWELLS:
        places |= {match.start() for match in WRITTEN.finditer(text) if match[0].startswith("421")}
    return places, found + [f"{path}: there is no {name}" for name in sorted(wanted)]


def arguments(text, start):
    """How many there are behind the bracket that opens before `start`."""
    depth, commas = 1, 0
    for at in range(start, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        commas += text[at] == "," and depth == 1
        if depth == 0:
            return commas + 1 if text[start:at].strip() else 0
    return 0


def misfits(path, text, places):
    """Of a row that is made a reply in one place and passed on in another of the file, as far as the file tells."""
    for match in MADE.finditer(text):
        given = arguments(text, match.end())
        for code in [match[1]] if match[1] else PASSED_ON.findall(text):
            if places.get(code, given) != given:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: \"{code}\" has {places[code]} places, and is given {given}"


def findings(root):
    used = set()
    places = {code: sentence.count("{}") for code, sentence in SENTENCE.findall((root / TABLE).read_text())}
    page = (root / PAGE).read_text()
    for path, text in sources(root):
        used |= set(USE.findall(text))
        if path == TABLE:
            continue
        exempt, found = without_a_row(path, text, page)
        yield from found
        yield from misfits(path, text, places)
        for match in WRITTEN.finditer(text):
            if match.start() in exempt:
                continue
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: a refusal that is not in {TABLE}: {' '.join(match[0].split())}"
    for code in ROW.findall((root / TABLE).read_text()):
        if code not in used:
            yield f"{TABLE}: nobody refuses mail on the ground \"{code}\""


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        names = "".join(f'    {name} {{550, "5.9.9", "No"}},\n' for name in sorted(WITHOUT_A_ROW[SESSIONS])[1:])
        for name, text in {TABLE: '    {"used", 550, "5.7.1", "No", "x"},\n    {"idle", 451, "4.7.1", "No", "x"},\n'
                                  '    {"two", 451, "4.7.1",\n     "{} of {}", "x"},\n',
                           "src/spam/c.cc": 'ground("two").because(a(b, c), "d");\nground("two").because(a(b, c));\n'
                                            'ground("two").plain();\n',
                           "src/spam/d.cc": 'refuse(ground("used"));\nground.plain();\nground.because(x);\n',
                           PAGE: "550 5.9.9",
                           SESSIONS: names + '    fault {451, "4.3.0", "No"},\n    new_one {550, "5.7.1", "No"},\n',
                           DECISIONS: "".join(f'    {name} {{554, "5.9.9", "No"}},\n' for name in WITHOUT_A_ROW[DECISIONS]),
                           FAREWELLS: 'return {421, "4.4.2", "Bye"};\nreturn {550, "5.7.1", "No"};\n',
                           "src/spam/a.cc": 'return ground("used").plain();\nreturn smtp::Reply{\n    550, "5.7.1", "No"};\n',
                           "src/spam/b.cc": 'smtp::Reply{defers ? 451 : 550, defers ? "4.7.1" : "5.7.1", words}',
                           "src/spam/a_test.cc": 'smtp::Reply{550, "5.7.1", "No"}'}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        found = list(findings(root))
        wanted = ["src/spam/a.cc:3", "src/spam/b.cc:1", 'ground "idle"', "src/smtp/session.cc:2", "src/smtp/replies.h:7",
                  "src/smtp/replies.h: there is no domain_missing"]
        wanted += [f"src/spam/{place} places" for place in ('c.cc:2: "two" has 2', 'c.cc:3: "two" has 2', 'd.cc:3: "used" has 0')]
        wanted += [f"nothing of 554 5.9.9, {name} in" for name in WITHOUT_A_ROW[DECISIONS]]
        assert len(found) == len(wanted) and all(any(want in line for line in found) for want in wanted), found


def main():
    if "--self-test" in sys.argv:
        return self_test()
    found = list(findings(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
