"""Where relayed mail ends: smtp-sink of Debian's postfix, which counts and forgets."""
import os
import re
import subprocess
import threading
import time

from common import give_up, listens, wait_until

RELAYED = "relay.test"  # the domain that both servers pass on to it
QUIET = 30  # seconds without a message after which nobody waits for the rest


class Sink:
    """Runs from start() to stop(), on `port` of loopback. `postfix` is a PostfixDovecot, for its packages."""

    def __init__(self, postfix, port):
        self.postfix, self.port, self.process = postfix, port, None
        self.seen = []  # (when, how many messages by then)

    def start(self):
        self.postfix.unpack()
        become = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [self.postfix.root / "usr/sbin/smtp-sink", *become, "-c", f"127.0.0.1:{self.port}", "1000"]
        self.process = subprocess.Popen([str(word) for word in command], env=self.postfix.environment(),
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), self.process)
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        """It says "sess=1 quit=0 mesg=7" anew whenever one of them grows."""
        rest = b""
        while octets := os.read(self.process.stdout.fileno(), 1 << 16):
            rest += octets
            said = re.findall(rb"mesg=(\d+)\r", rest)
            rest = rest[rest.rfind(b"\r") + 1:]
            if said and int(said[-1]) > self.count():
                self.seen.append((time.monotonic(), int(said[-1])))

    def count(self):
        return self.seen[-1][1] if self.seen else 0

    def rate_when_all_are_here(self, before, messages):
        """Messages a second, from the first of them to the last."""
        while self.count() < before + messages:
            last = self.seen[-1][0] if self.seen else 0
            if time.monotonic() > last + QUIET and not self.wait_a_little(before + messages):
                give_up(f"of {messages} messages {self.count() - before} came to the sink")
            time.sleep(0.01)
        of_these = [(when, count) for when, count in list(self.seen) if count > before]
        (begun, first), (ended, last) = of_these[0], of_these[-1]
        return (last - first) / (ended - begun) if ended > begun else 0.0

    def wait_a_little(self, wanted):
        """Nothing may have come yet because nothing was sent yet."""
        end = time.monotonic() + QUIET
        while time.monotonic() < end:
            if self.count() >= wanted or (self.seen and time.monotonic() < self.seen[-1][0] + QUIET):
                return True
            time.sleep(0.01)
        return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
