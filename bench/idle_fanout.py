#!/usr/bin/env python3
"""How long until everybody who idles hears of a message: a bounded measurement.

    bench/idle_fanout.py --host 127.0.0.1 --port 143 --user ann@example.test --password … [--sessions 100] [--rounds 50]

So many sessions select INBOX and IDLE (RFC 2177). One more appends a message, again and again; for each session the
time counts from the first octet of the APPEND until its EXISTS is here. Says p50, p95 and the largest in milliseconds,
and the same from the moment on at which the APPEND was answered. All sessions are one thread's here, so some 10 us a
session of what is measured is this program's own. The account must be allowed to log in without TLS from here
(login.plain_networks), and to have so many connections.
"""
import argparse
import selectors
import socket
import sys
import time

PATIENCE = 20  # seconds for any answer
MESSAGE = b"Subject: fan-out\r\n\r\nOne line.\r\n"


class Session:
    def __init__(self, options):
        self.socket = socket.create_connection((options.host, options.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = b""
        self.until(b"\r\n")
        self.command(f"a LOGIN {options.user} {options.password}".encode(), b"a ")

    def until(self, end):
        while end not in self.heard:
            octets = self.socket.recv(65536)
            if not octets:
                sys.exit(f"the server hung up; it had said {self.heard!r}")
            self.heard += octets
        said, _, self.heard = self.heard.partition(end)
        return said

    def command(self, text, tag):
        self.socket.sendall(text + b"\r\n")
        said = self.until(tag + b"OK")
        self.until(b"\r\n")
        return said

    def idle(self):
        self.command(b"b SELECT INBOX", b"b ")
        self.socket.sendall(b"c IDLE\r\n")
        self.until(b"+ Idling\r\n")


def one_round(author, sessions, selector):
    """Seconds until each session has heard, counted from the beginning and from the answer to APPEND."""
    waiting = set(sessions)
    heard = []
    selector.register(author.socket, selectors.EVENT_READ, author)
    begin = time.perf_counter()
    answered = None
    author.socket.sendall(b"d APPEND INBOX {%d+}\r\n%s\r\n" % (len(MESSAGE), MESSAGE))
    while waiting or answered is None:
        events = selector.select(PATIENCE)
        if not events:
            sys.exit(f"{len(waiting)} sessions have heard nothing for {PATIENCE} s")
        now = time.perf_counter()
        for key, _ in events:
            session = key.data
            session.heard += session.socket.recv(65536)
            if session is author and b"d OK" in session.heard and session.heard.endswith(b"\r\n"):
                answered = now
                session.heard = b""
            elif session is not author and b" RECENT\r\n" in session.heard:
                heard.append(now)
                waiting.discard(session)
                session.heard = b""
    selector.unregister(author.socket)
    return [moment - begin for moment in heard], [max(0.0, moment - answered) for moment in heard]


def describe(what, seconds):
    ordered = sorted(seconds)
    at = lambda part: 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]
    print(f"{what}: p50 {at(0.5):.2f} ms, p95 {at(0.95):.2f} ms, largest {at(1):.2f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=143)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    author = Session(options)
    sessions = [Session(options) for _ in range(options.sessions)]
    selector = selectors.DefaultSelector()
    for session in sessions:
        session.idle()
        selector.register(session.socket, selectors.EVENT_READ, session)
    from_begin, from_answer = [], []
    for _ in range(options.rounds):
        begun, answered = one_round(author, sessions, selector)
        from_begin += begun
        from_answer += answered
    describe(f"{options.sessions} sessions, from the APPEND on", from_begin)
    describe(f"{options.sessions} sessions, from its answer on", from_answer)


if __name__ == "__main__":
    main()
