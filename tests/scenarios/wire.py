"""Mail over the bare protocols, octet by octet: what client libraries would tidy on the way is seen as it is."""
import re

from harness import expect

# What the server sets before a message from outside: Return-Path, Delivered-To and Received (RFC 5321 §4.4).
TRACE = re.compile(rb"Return-Path: <[^>\r\n]*>\r\nDelivered-To: [^\r\n]+\r\nReceived: [^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")


def without_trace(raw):
    """The message as its sender gave it away."""
    trace = TRACE.match(raw)
    expect(trace, f"no trace fields: {raw[:200]!r}")
    return raw[trace.end():]


def as_popped(raw):
    """A message as POP3 gives it: its last line has an end (RFC 1939 §3)."""
    return raw if not raw or raw.endswith(b"\r\n") else raw + b"\r\n"


class Sender:
    """A client of SMTP or LMTP that has said hello. `reply` is the last line of what it heard last."""

    def __init__(self, connection, hello="EHLO"):
        self.connection = connection
        connection.hears("220 ")
        connection.send(f"{hello} client.test\r\n")
        connection.hears_lines("250 ")

    def command(self, text, code):
        self.connection.says(text, code)

    def send_lines(self, sender, recipient, raw, parameters=""):
        """By DATA: a dot is set before lines that begin with one (RFC 5321 §4.5.2)."""
        expect(raw.endswith(b"\r\n"), "DATA cannot say that there is no last line end")
        self.command(f"MAIL FROM:<{sender}>{parameters}", "250 ")
        self.command(f"RCPT TO:<{recipient}>", "250 ")
        self.command("DATA", "354 ")
        self.connection.send_octets(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
        self.connection.hears("250 ")

    def send_chunks(self, sender, recipient, raw, parameters=" BODY=BINARYMIME", chunk=100_000):
        """By BDAT (RFC 3030): every octet counts, none has a meaning. All in one piece (RFC 2920)."""
        pieces = [raw[i:i + chunk] for i in range(0, len(raw), chunk)] or [b""]
        group = [f"MAIL FROM:<{sender}>{parameters}\r\nRCPT TO:<{recipient}>\r\n".encode()]
        for number, piece in enumerate(pieces, 1):
            last = b" LAST" if number == len(pieces) else b""
            group += [b"BDAT %d%s\r\n" % (len(piece), last), piece]
        self.connection.send_octets(b"".join(group))
        for _ in range(2 + len(pieces)):
            self.connection.hears("250 ")


class Maildrop:
    """A POP3 session that has logged in."""

    def __init__(self, connection, account, password):
        self.connection = connection
        connection.hears("+OK")
        connection.says(f"USER {account}", "+OK")
        connection.says(f"PASS {password}", "+OK")
        self.count = int(connection.says("STAT", "+OK").split()[1])

    def messages(self, group=50):
        """All messages in their order; many are asked for at once (RFC 2449 §6.6)."""
        for first in range(1, self.count + 1, group):
            numbers = range(first, min(first + group, self.count + 1))
            self.connection.send("".join(f"RETR {number}\r\n" for number in numbers))
            for _ in numbers:
                yield self._text(int(self.connection.hears("+OK").split()[1]))

    def _text(self, size):
        """As many octets as were announced."""
        stuffed = self.connection.octets_until(b"\r\n.\r\n") + b"\r\n"
        text = re.sub(rb"(?m)^\.", b"", stuffed)
        expect(len(text) == size, f"{size} octets were announced, {len(text)} came")
        return text


class Mailbox:
    """An IMAP session that has a mailbox selected."""

    def __init__(self, connection, account, password, name="INBOX"):
        self.connection = connection
        connection.hears("* OK")
        connection.says(f'a LOGIN {account} "{password}"', "a OK")
        connection.send(f"b SELECT {name}\r\n")
        self.count = next(int(line.split()[1]) for line in connection.hears_lines("b OK") if line.endswith(" EXISTS"))

    def fetch(self, items, numbers="1:*"):
        """One list of literals for each message, in their order."""
        self.connection.send(f"f FETCH {numbers} ({items})\r\n")
        while not (line := self.connection.hears("")).startswith("f OK"):
            expect(line.startswith("* ") and " FETCH (" in line, f"heard {line!r}")
            yield self._literals(line)

    def _literals(self, line):
        found = []
        while announced := re.search(r"(~?)\{(\d+)\}$", line):
            found.append(self.connection.octets(int(announced[2])))
            expect(announced[1] or b"\0" not in found[-1], "a literal that is no literal8 has NUL")  # RFC 9051 §9
            line = self.connection.hears("")
        expect(line.endswith(")"), f"a response ends with {line!r}")
        return found
