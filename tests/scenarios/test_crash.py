"""SIGKILL at random moments while mail comes in: what was acknowledged is there, once and whole; no UID comes twice.

HONGYAN_CRASH_ROUNDS says how often (5 if not said); HONGYAN_CRASH_SEED repeats a run.
"""
import os
import random
import signal
import smtplib
import threading
import time

from harness import HOSTNAME, PATIENCE, expect

ROUNDS = int(os.environ.get("HONGYAN_CRASH_ROUNDS", "5"))
CLIENTS = 4
BODY = b"A line of some text that compresses somewhat.\r\n" * 60


def message(name):
    return b"Subject: " + name.encode() + b"\r\n\r\n" + BODY + name.encode() + b"\r\n"


class Senders:
    """Clients that deliver until their connection breaks, and remember what was acknowledged."""

    def __init__(self, server, account, prefix):
        self.server, self.account, self.prefix = server, account, prefix
        self.acknowledged, self.first = [], threading.Event()
        self.threads = [threading.Thread(target=self.send, args=(number,)) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def send(self, number):
        try:
            client = smtplib.LMTP("127.0.0.1", self.server.ports["lmtp"], HOSTNAME, timeout=PATIENCE)
            for count in range(100_000):
                name = f"{self.prefix}.{number}.{count}"
                client.sendmail("bob@example.org", [self.account], message(name))
                self.acknowledged.append(name)
                self.first.set()
        except (OSError, smtplib.SMTPException):
            self.first.set()

    def wait(self):
        for thread in self.threads:
            thread.join(PATIENCE)
        return self.acknowledged


def test_sigkill_loses_nothing_that_was_acknowledged(place):
    seed = int(os.environ.get("HONGYAN_CRASH_SEED", random.randrange(10**9)))
    moments = random.Random(seed)
    ann = place.make_account()
    acknowledged, uids = [], {}
    for number in range(ROUNDS):
        server = place.serve()
        senders = Senders(server, ann, number)
        senders.first.wait(PATIENCE)
        time.sleep(moments.uniform(0, 0.1))  # the moment of the crash is what is tried
        server.kill(signal.SIGKILL)
        server.wait()
        acknowledged += senders.wait()
        place.servers.clear()  # it did not end well, as was meant
        rows = place.listing("message", "list", ann, *(["--uid", f"{max(uids, default=0) + 1}-*"] if uids else []))
        for row in rows:
            expect(row["uid"] not in uids, f"seed {seed}: UID {row['uid']} comes twice")
            uids[row["uid"]] = row["subject"]
    there = list(uids.values())
    expect(len(set(there)) == len(there), f"seed {seed}: a message is there twice")
    lost = set(acknowledged) - set(there)
    expect(acknowledged and not lost, f"seed {seed}: acknowledged and lost: {sorted(lost)[:5]} of {len(acknowledged)}")
    listed = {row["uid"]: row["subject"] for row in place.listing("message", "list", ann)}
    expect(listed == uids, f"seed {seed}: what was there once is there still, under its UID")
    place.hongyan("message", "export", ann, "out", "--mailbox", "INBOX", "--format", "eml", "--line-ends", "crlf")
    for path in (place.folder / "out").rglob("*.eml"):
        name = uids[int(path.stem)]
        expect(path.read_bytes().endswith(message(name)), f"seed {seed}: {name} is not whole")
    expect(b"0 findings" in place.hongyan("store", "check"), "the store is sound")
    print(f"     {ROUNDS} rounds, seed {seed}: {len(acknowledged)} acknowledged, {len(there)} there")
