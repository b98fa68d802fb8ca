"""Somebody who sends, reads and idles all the time, while others misbehave: he gets everything, and in order."""
import threading

from harness import PATIENCE, Failure, expect
from wire import Mailbox, Sender

ANN = "ann@example.test"
BOB = "bob@example.test"
PASSWORD = "correct horse"
SETTINGS = {"login.plain_networks": ["127.0.0.0/8"], "smtp.transactions": 1_000_000, "smtp.commands": 100_000_000}


def open_house(place, settings=None, **options):
    """A server with Ann, and Bob in whose name others misbehave; both may log in without TLS."""
    place.make_account(ANN, PASSWORD)
    place.hongyan("account", "add", BOB, input=PASSWORD.encode() + b"\n")
    return place.serve(SETTINGS | (settings or {}), **options)


class Bystander:
    """For a `with`: from its begin to its end Ann sends herself messages, hears of each while she idles, and reads
    it. At least a few rounds, however short the misbehaviour."""

    LEAST_ROUNDS = 3

    def __init__(self, server):
        self.server = server
        self.over = threading.Event()
        self.rounds, self.problem = 0, None
        self.thread = threading.Thread(target=self._live)

    def __enter__(self):
        self.sender = Sender(self.server.connect("lmtp"), "LHLO")
        self.idler, self.reader = self.server.connect("imap"), self.server.connect("imap")
        for client in (self.idler, self.reader):
            self.count = Mailbox(client, ANN, PASSWORD).count
        self.thread.start()
        return self

    def _live(self):
        try:
            while self.rounds < self.LEAST_ROUNDS or not self.over.is_set():
                self._round()
                self.rounds += 1
        except (Failure, OSError) as problem:
            self.problem = problem

    def _round(self):
        text = b"Subject: round %d\r\n\r\nAll is well.\r\n" % self.rounds
        self.count += 1
        self.idler.says("i IDLE", "+ ")
        self.sender.send_lines("li@example.org", ANN, text)
        self.idler.hears(f"* {self.count} EXISTS")
        self.idler.send("DONE\r\n")
        self.idler.hears_lines("i OK")
        self.reader.send("f NOOP\r\n")
        said = self.reader.hears_lines("f OK")
        expect(any(line.startswith(f"* {self.count} EXISTS") for line in said), f"round {self.rounds}: {said}")
        self.reader.send(f"g FETCH {self.count} BODY.PEEK[]\r\n")
        expect("All is well." in self.reader.hears_lines("g OK"), f"round {self.rounds}: the message is not read")

    def __exit__(self, failed, *_):
        self.over.set()
        self.thread.join(3 * PATIENCE)
        for client in (self.sender.connection, self.idler, self.reader):
            client.sock.close()
        if failed:
            return
        expect(self.problem is None, f"the bystander in round {self.rounds}: {self.problem}")
        expect(self.rounds >= self.LEAST_ROUNDS, "the bystander waits for ever")
