"""A program in a terminal of its own, for those that talk to people: keys go in, what the screen says is waited for."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from harness import PATIENCE, Failure

SIZE = (40, 120)  # rows and columns
# What programs ask their terminal before they heed the keys (primary device attributes), and what a VT220 says.
WHO_ARE_YOU = b"\x1b[c"
AN_OLD_TERMINAL = b"\x1b[?62;22c"
# What moves the cursor, sets colours and chooses charsets.
CONTROL = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][0-9A-B]|[=>78M])|[\x00-\x1f]")


class Terminal:
    def __init__(self, home, *command, **environment):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        # setsid makes it the program's controlling terminal, which it may ask for the size.
        self.process = subprocess.Popen(["setsid", "--ctty", *map(str, command)], stdin=slave, stdout=slave,
                                        stderr=slave, cwd=home.folder, env=home.environment(environment))
        os.close(slave)
        self.shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """However the scenario went, the program does not outlive it."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def text(self):
        """What the program has written since the last keys, cursor movements left out: words that stand together on the
        screen may stand apart here."""
        return CONTROL.sub("", self.shown.decode(errors="replace"))

    def sees(self, *texts, patience=PATIENCE):
        """Waits until one of the texts is there, and returns it."""
        deadline = time.monotonic() + patience
        while True:
            for text in texts:
                if text in self.text():
                    return text
            if not self._hears_more(deadline):
                raise Failure(f"the program ended with {self.process.wait()}, not with {texts}: {self.text()}")

    def types(self, keys):
        self.shown = b""
        os.write(self.master, keys.encode())

    def shows(self, keys, text):
        """Types the keys until the text is there: who begins loses some of what is typed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.types(keys)
            try:
                return self.sees(text, patience=4)
            except Failure:
                if time.monotonic() >= deadline or self.process.poll() is not None:
                    raise

    def ends(self):
        """Waits until the program has ended, and returns its code."""
        deadline = time.monotonic() + PATIENCE
        while self._hears_more(deadline):
            pass
        return self.process.wait(PATIENCE)

    def leaves(self, keys):
        """Types the keys until the program has ended, and returns its code: who begins loses some of what is typed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.types(keys)
            try:
                while self._hears_more(min(deadline, time.monotonic() + 2)):
                    pass
                return self.process.wait(PATIENCE)
            except Failure:
                if time.monotonic() >= deadline:
                    raise

    def _hears_more(self, deadline):
        """False when the program has closed the terminal."""
        if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
            raise Failure(f"the program waits at: {self.text()}")
        try:
            more = os.read(self.master, 65536)
        except OSError:  # Linux says so when nobody has the other side open
            return False
        self.shown += more
        if WHO_ARE_YOU in more:
            os.write(self.master, AN_OLD_TERMINAL)
        return bool(more)
