#!/usr/bin/env python3
"""Runs every workload of hongyan-load briefly against our server and compares what both have counted. Counts only:
no timing passes or fails.

    run_briefly.py --program HONGYAN --load HONGYAN_LOAD
"""
import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenarios"))
sys.dont_write_bytecode = True

from harness import Place, expect  # noqa: E402

USERS = 4
PASSWORD = "correct horse"


class Load:
    """hongyan-load against one server. Only some runs weigh it: that takes half a second until the server is quiet."""

    def __init__(self, program, server):
        self.program, self.server = program, server
        self.weighed = ["--server-pid", server.process.pid]

    def command(self, workload, service, *options, password=PASSWORD):
        return [self.program, workload, "--port", str(self.server.ports[service]), "--users", "u{}@example.test",
                "--password", password, "--user-count", str(USERS), "--time-limit", "60", "--json", *map(str, options)]

    def run(self, workload, service, *options):
        done = subprocess.run(self.command(workload, service, *options), capture_output=True, text=True)
        expect(done.returncode == 0, f"{workload} ended with {done.returncode}: {done.stderr}")
        return {report["phase"]: report for report in json.loads(done.stdout)}

    def refusal(self, workload, service, *options, code=1, **other):
        done = subprocess.run(self.command(workload, service, *options, **other), capture_output=True, text=True)
        expect(done.returncode == code, f"{workload} ended with {done.returncode}, not {code}")
        return done.stderr


def inboxes(place):
    """How many messages each user has got."""
    return [len(place.listing("message", "list", f"u{i:04}@example.test")) for i in range(1, USERS + 1)]


def sends(place, load):
    smtp = load.run("smtp", "smtp", "--connections", 4, "--messages", 100, "--imap-port", load.server.ports["imap"])
    expect(smtp["smtp"]["units"] == 100, f"smtp: {smtp}")
    expect(3_000_000 < smtp["smtp"]["bytes"] < 3_600_000, "a hundred messages have not the size of mail")
    expect(smtp["smtp"]["visible_per_second"] > 0, "nothing was seen by IMAP")
    expect(inboxes(place) == [25] * USERS, f"smtp: the users have {inboxes(place)}")
    lmtp = load.run("lmtp", "lmtp", "--connections", 2, "--messages", 20, "--size", 8192, "--recipients", 2,
                    *load.weighed)
    expect(lmtp["lmtp"]["units"] == 20, f"lmtp: {lmtp}")
    expect({"server_cpu_us", "written_per_byte", "peak_memory_mb"} <= set(lmtp["lmtp"]), f"lmtp weighs nothing: {lmtp}")
    expect(inboxes(place) == [35] * USERS, f"lmtp: the users have {inboxes(place)}")
    for options in ([], ["--resume"], ["--per-session", 5]):
        sent = load.run("submit", "submission", "--connections", 2, "--messages", 20, "--tls", "starttls", *options)
        expect(sent["submit"]["units"] == 20, f"submit {options}: {sent}")
    expect(inboxes(place) == [50] * USERS, f"submit: the users have {inboxes(place)}")


def fetches(load):
    for window in (1, 8):
        got = load.run("pop3", "pop3", "--messages", 55, "--sessions", 8, "--window", window, "--lmtp-port",
                       load.server.ports["lmtp"], "--size", 4096)
        expect(got["pop3"]["units"] == 8 * 55, f"pop3: {got}")
        expect(got["pop3"]["bytes"] > 8 * 55 * 4000, f"pop3: {got}")
    for workload, phases in (("fetch", 5), ("search", 5)):
        got = load.run(workload, "imap", "--messages", 120, "--repeat", 2, "--size", 2000)
        expect([r["units"] for r in got.values()] == [240] * phases, f"{workload}: {got}")
    body = load.run("fetch", "imap", "--tls", "starttls", "--messages", 120, "--repeat", 1)["fetch body"]
    expect(120 * 1900 < body["bytes"] < 120 * 2100, f"the bodies have another size: {body}")


def appends_and_idles(place, load):
    put = load.run("append", "imap", "--connections", 2, "--messages", 30, "--size", 2000)
    expect(put["append"]["units"] == 30, f"append: {put}")
    boxes = [len(place.listing("message", "list", "--mailbox", "load-append", f"u{i:04}@example.test")) for i in (1, 2)]
    expect(sum(boxes) == 30, f"append: the mailboxes hold {boxes}")
    for service, tls in (("imap", "none"), ("imaps", "implicit")):
        idle = load.run("idle", service, "--tls", tls, "--connections", 20, "--hold", 0, *load.weighed)["idle"]
        expect(idle["units"] == 20, f"idle: {idle}")
        expect({"kb_per_connection", "memory_before_mb", "server_cpu_us"} <= set(idle), f"idle weighs nothing: {idle}")


def refuses(load):
    expect("no other is ever" in load.refusal("smtp", "smtp", "--host", "192.0.2.1"), "a foreign server is loaded")
    expect("535" in load.refusal("submit", "submission", "--tls", "starttls", password="wrong"), "no 535")
    expect("instead of" in load.refusal("pop3", "pop3", "--messages", 5000), "POP3 fetches what is not there")
    expect("process" in load.refusal("lmtp", "lmtp", "--server-pid", 0x3fffffff), "a process that is gone is weighed")
    load.refusal("lmtp", "lmtp", "--connections", 0, code=64)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the server")
    parser.add_argument("--load", required=True, help="the load tool")
    given = parser.parse_args()
    place = Place(str(pathlib.Path(given.program).resolve()))
    try:
        server = place.serve({"login.plain_networks": ["127.0.0.0/8"]})
        place.hongyan("domain", "add", "example.test")
        for number in range(1, USERS + 1):
            place.hongyan("account", "add", f"u{number:04}@example.test", input=PASSWORD.encode() + b"\n")
        load = Load(pathlib.Path(given.load).resolve(), server)
        sends(place, load)
        fetches(load)
        appends_and_idles(place, load)
        refuses(load)
    finally:
        place.leave()
    print("hongyan-load and the server count alike")


if __name__ == "__main__":
    main()
