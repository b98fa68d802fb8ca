#!/usr/bin/env python3
"""Runs every test of one preset and counts single cases: each GoogleTest case, and each other program as one.

    tools/run_tests.py PRESET [ctest options]     the last line is "N passed, N failed[, N skipped]"
    RC_PARAMS= tools/run_tests.py PRESET          properties of other random values than those of each run

Properties (RapidCheck) are tried with the same values in each run of dev and release, so that whoever changes one thing is
not refused for another that was found by luck. The other presets look for more.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROPERTIES = "seed=20261123"


def counted_cases(folder):
    """{program: (passed, failed, skipped)} from what GoogleTest wrote."""
    programs = {}
    for file in folder.glob("*.json"):
        passed = failed = skipped = 0
        for suite in json.loads(file.read_text())["testsuites"]:
            for case in suite["testsuite"]:
                if case.get("failures"):
                    failed += 1
                elif case.get("result") == "SKIPPED":
                    skipped += 1
                else:
                    passed += 1
        programs[file.stem] = (passed, failed, skipped)
    return programs


def main():
    preset, options = sys.argv[1], sys.argv[2:]
    results = ROOT / "build" / preset / "results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    environment = {**os.environ, "GTEST_OUTPUT": f"json:{results}/"}
    if preset in ("dev", "release"):
        environment.setdefault("RC_PARAMS", PROPERTIES)
    junit = results / "ctest.xml"
    code = subprocess.call(["ctest", "--preset", preset, "-j", str(os.cpu_count() or 2), "--output-junit", junit,
                            *options], cwd=ROOT, env=environment)
    cases = counted_cases(results)
    total = [0, 0, 0]
    for test in xml.parse(junit).getroot().iter("testcase"):
        name, status = test.get("name"), test.get("status")
        if name in cases:
            counts = list(cases[name])
            if status == "fail" and counts[1] == 0:
                counts[1] = 1  # the program died before it could say which case
        else:
            counts = [status == "run", status == "fail", status not in ("run", "fail")]
        total = [a + int(b) for a, b in zip(total, counts)]
    passed, failed, skipped = total
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return code or (1 if failed or not passed else 0)


if __name__ == "__main__":
    sys.exit(main())
