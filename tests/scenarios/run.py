#!/usr/bin/env python3
"""Runs scenarios against a server program: every test_* function of the test_*.py files in this folder and below.

    run.py --program PATH [--without PART] [PART...]     PART: of a scenario's name, as signals, clients.test_mpop

Exit 0 if all passed; the last line is "N passed, N failed".
"""
import argparse
import importlib
import inspect
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import harness  # noqa: E402


def scenarios(parts, without):
    """The names and functions of those that have one of the parts (all, if there are none) and not the last one."""
    for file in sorted(HERE.rglob("test_*.py")):
        path = ".".join(file.relative_to(HERE).with_suffix("").parts)
        for name, function in inspect.getmembers(importlib.import_module(path), inspect.isfunction):
            full = f"{path}.{name}"
            chosen = not parts or any(part in full for part in parts)
            if name.startswith("test_") and chosen and not (without and without in full):
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the server to run")
    parser.add_argument("--without", help="a part of the names that are left out")
    parser.add_argument("parts", nargs="*")
    given = parser.parse_args()
    passed = failed = skipped = 0
    for name, function in scenarios(given.parts, given.without):
        begin = time.monotonic()
        try:
            problem = play(str(pathlib.Path(given.program).resolve()), function)
        except harness.Skipped as reason:
            print(f"skip {name}: {reason}", flush=True)
            skipped += 1
            continue
        passed, failed = passed + (problem is None), failed + (problem is not None)
        print(f"{'ok  ' if problem is None else 'FAIL'} {name} ({time.monotonic() - begin:.2f} s)", flush=True)
        if problem:
            print(problem, flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
