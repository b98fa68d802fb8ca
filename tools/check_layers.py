#!/usr/bin/env python3
"""Holds the code to its architecture: includes follow each folder's DEPENDS line, and the lines form no circle.

A folder is what a CMakeLists.txt with `mail_library(NAME DEPENDS ...)` owns: itself and its sub-folders that have no
such line of their own. Beyond the DEPENDS lines it checks the rows of ARCHITECTURE.md (an upper row may know the rows
below, never the other way round) and that only the shell touches sockets.

    tools/check_layers.py [ROOT]      exit 0 if all is well; one line a finding
    tools/check_layers.py --self-test shows that each kind of finding is found
"""
import pathlib
import re
import sys
import tempfile

# From the top down. A folder may depend on folders of its own row (without a circle) and of the rows below.
ROWS = [
    ("shell", ["server", "admin", "cli"]),
    ("decisions", ["flow", "outbound", "spam"]),
    ("protocol commands", ["imap", "pop3", "jmap", "managesieve", "webapi"]),
    ("state", ["store", "queue", "directory", "config", "engine", "drop", "index", "reputation", "reports"]),
    ("pure protocols", ["smtp", "smtp_client", "http", "imap_wire", "jmap_wire", "sieve", "dsn", "forward", "verify", "tls_policy", "sasl", "oauth", "session", "milter", "classify"]),
    ("vocabulary", ["message", "dns", "crypto"]),
    ("ground", ["base"]),
]
# Stands beside the rows: knows only these, and is known only by the shell and the decisions.
BESIDE = {"net": ({"base", "dns", "crypto"}, {"flow", "outbound", "spam", "server", "http", "admin", "cli"})}
# A folder NAME_testing helps tests, fuzz targets and benchmarks; nothing else may include it.
TESTING = "_testing"
TEST_FILE = re.compile(r"_(test|fuzz|bench)\.cc$")
# Protocols never know each other.
STRANGERS = {"imap", "pop3", "jmap", "managesieve", "webapi"}
MAY_USE_ASIO = {"net", "flow", "outbound", "spam", "server", "http"}

LIBRARY = re.compile(r"mail_library\(\s*(\w+)(.*?)\)", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def read_folders(root):
    """{name: (path, set of depends)} for every mail_library line below src/."""
    folders = {}
    for file in sorted((root / "src").rglob("CMakeLists.txt")):
        for name, rest in LIBRARY.findall(file.read_text()):
            depends = re.search(r"DEPENDS(.*?)(PACKAGES|$)", rest, re.S)
            folders[name] = (file.parent, set(depends.group(1).split()) if depends else set())
    return folders


def owner(path, folders):
    """The name of the innermost folder that holds path."""
    best = None
    for name, (folder, _) in folders.items():
        if path.is_relative_to(folder) and (best is None or len(folder.parts) > len(folders[best][0].parts)):
            best = name
    return best


def row_of(name):
    return next((i for i, (_, names) in enumerate(ROWS) if name in names), None)


def lines_that_break_rows(folders):
    for name, (_, depends) in folders.items():
        if name.endswith(TESTING):
            continue
        if name in BESIDE:
            for other in depends - BESIDE[name][0]:
                yield f"{name} DEPENDS {other}: {name} stands beside the rows and may know only {sorted(BESIDE[name][0])}"
            continue
        row = row_of(name)
        if row is None:
            yield f"{name}: no row of the architecture holds this folder (tools/check_layers.py, ARCHITECTURE.md)"
            continue
        for other in depends:
            if other in BESIDE:
                if name not in BESIDE[other][1]:
                    yield f"{name} DEPENDS {other}: only {sorted(BESIDE[other][1])} may know {other}"
            elif other.endswith(TESTING):
                yield f"{name} DEPENDS {other}: only tests use it"
            elif other not in folders:
                yield f"{name} DEPENDS {other}: there is no such folder"
            elif row_of(other) is not None and row_of(other) < row:
                yield f"{name} DEPENDS {other}: {ROWS[row][0]} may not know {ROWS[row_of(other)][0]} above it"
            elif name in STRANGERS and other in STRANGERS:
                yield f"{name} DEPENDS {other}: protocols never know each other"


def circles(folders):
    done, path = set(), []

    def visit(name):
        if name in path:
            yield "a circle: " + " -> ".join(path[path.index(name):] + [name])
            return
        if name in done or name not in folders:
            return
        path.append(name)
        for other in sorted(folders[name][1]):
            yield from visit(other)
        path.pop()
        done.add(name)

    for name in sorted(folders):
        yield from visit(name)


def forbidden_includes(root, folders):
    source = root / "src"
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        name = owner(path, folders)
        shown = path.relative_to(root)
        if name is None:
            yield f"{shown}: belongs to no mail_library line"
            continue
        may = folders[name][1] | {name}
        for kind, header in INCLUDE.findall(path.read_text(errors="replace")):
            if kind == "<":
                if header.startswith("boost/asio") and name not in MAY_USE_ASIO:
                    yield f"{shown}: includes <{header}>: only {sorted(MAY_USE_ASIO)} use Asio"
                if header in ("boost/asio.hpp",):
                    yield f"{shown}: includes the umbrella header <{header}>"
                continue
            target = source / header
            if not target.exists():
                if (root / "tests" / header).exists() and TEST_FILE.search(path.name):
                    continue
                yield f'{shown}: includes "{header}", which is not below src/'
                continue
            other = owner(target, folders)
            if other and other.endswith(TESTING) and TEST_FILE.search(path.name):
                continue
            if other not in may:
                yield f'{shown}: includes "{header}", but {name} does not DEPEND on {other}'


def findings(root):
    folders = read_folders(root)
    if not folders:
        yield "no mail_library line found"
    yield from lines_that_break_rows(folders)
    yield from circles(folders)
    yield from forbidden_includes(root, folders)


def self_test():
    rows = [
        ("base", "base DEPENDS message", {}, "may not know"),
        ("message", "message DEPENDS", {"a.cc": '#include "store/a.h"'}, "does not DEPEND on store"),
        ("message", "message DEPENDS", {"a.cc": "#include <boost/asio/read.hpp>"}, "use Asio"),
        ("message", "message DEPENDS", {"a.h": '#include "none.h"'}, "not below src/"),
        ("message", "message DEPENDS crypto", {}, "a circle"),
        ("imap", "imap DEPENDS pop3", {}, "never know each other"),
        ("pop3", "pop3 DEPENDS net", {}, "may know net"),
        ("elsewhere", "elsewhere DEPENDS base", {}, "no row"),
        ("message", "message DEPENDS base store_testing", {}, "only tests use it"),
        ("message", "message DEPENDS base", {"a.cc": '#include "store/testing/t.h"'}, "does not DEPEND on store_testing"),
    ]
    sound = {"base": "base", "message": "message DEPENDS base", "crypto": "crypto DEPENDS base message",
             "store": "store DEPENDS base message", "imap": "imap DEPENDS base", "pop3": "pop3 DEPENDS base",
             "net": "net DEPENDS base", "store/testing": "store_testing DEPENDS store base"}
    failed = 0
    for folder, line, files, expected in [(None, None, {}, None)] + rows:
        with tempfile.TemporaryDirectory() as scratch:
            root = pathlib.Path(scratch)
            for name, text in {**sound, **({folder: line} if folder else {})}.items():
                (root / "src" / name).mkdir(parents=True)
                (root / "src" / name / "CMakeLists.txt").write_text(f"mail_library({text})\n")
            (root / "src/store/testing/t.h").write_text("")
            (root / "src/message/b_test.cc").write_text('#include "store/testing/t.h"\n')
            (root / "src/store/a.h").write_text('#include "message/b.h"\n')
            (root / "src/message/b.h").write_text("#include <string>\n")
            for name, text in files.items():
                (root / "src" / folder / name).write_text(text + "\n")
            found = list(findings(root))
            if (expected is None and found) or (expected and not any(expected in line for line in found)):
                print(f"self-test: {line or 'the sound tree'}: expected {expected}, found {found}")
                failed += 1
    return failed


def main():
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test() else 0)
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    found = list(findings(root))
    print("\n".join(found) if found else "layers: as drawn")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
