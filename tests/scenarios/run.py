#!/usr/bin/env python3
"""Runs scenarios against a server program: every test_* function of the test_*.py files beside this one.

    run.py --program PATH [--keep-going] [NAME...]     NAME: part of a scenario's name

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


def scenarios(names):
    for file in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            full = f"{file.stem}.{name}"
            if name.startswith("test_") and (not names or any(part in full for part in names)):
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
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    passed = failed = skipped = 0
    for name, function in scenarios(given.names):
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
