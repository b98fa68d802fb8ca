"""What comes in by SMTP comes out by POP3 and IMAP: the same octets, below the trace fields that we set on top."""
import base64
import collections
import hashlib
import re
import threading

from harness import expect
from test_corpus import MESSAGES, corpus, without_from_line
from wire import Mailbox, Maildrop, Sender, as_popped, without_trace

ANN = "ann@example.test"
PASSWORD = "correct horse"
OUT = "out@there.test"
HEADER = b"From: a@there.test\r\nSubject: s\r\n"
CHINESE = "大雁飞过，留下一封信。\r\n" * 40

BY_LINES = {
    "lines of 998 octets": HEADER + b"\r\n" + (b"x" * 998 + b"\r\n") * 50,
    "a header line of 998 octets": b"X-Long: " + b"y" * 990 + b"\r\n\r\nbody\r\n",
    "dots at the beginnings of lines": HEADER + b"\r\n.\r\n..\r\n...\r\n.x\r\n \r\n.\r\n",
    "a dot at the beginning of a long line": HEADER + b"\r\n" + (b"." * 997 + b"\r\n") * 50,
    "every octet that may stand in a line": HEADER + b"\r\n" + bytes(c for c in range(1, 256) if c not in b"\r\n") + b"\r\n",
    "GB18030": HEADER + b"Content-Type: text/plain; charset=gb18030\r\n\r\n" + CHINESE.encode("gb18030"),
    "UTF-8 in the header": "Subject: 重要\r\n\r\n".encode() + CHINESE.encode(),
    "an empty body": HEADER + b"\r\n",
    "a header and no empty line": HEADER,
    "no header": b"\r\nonly a body\r\n",
    "empty lines at the end": HEADER + b"\r\nbody\r\n" + b"\r\n" * 100,
    "blanks at the ends of lines": HEADER + b"\r\nbody \t\r\n \r\n",
    "what looks like trace fields": b"Return-Path: <x@y>\r\nDelivered-To: x@y\r\nReceived: from x\r\n\tby y; today\r\n\r\nb\r\n",
    "what looks like an mbox": HEADER + b"\r\nFrom me\r\n>From you\r\n",
    "a boundary that never ends": HEADER + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\none\r\n--b\r\n',
    "NUL": HEADER + b"\r\na\0b\r\n\0\r\n",
}
BY_CHUNKS = {
    "no last line end": HEADER + b"\r\nno end",
    "no last line end, after a dot": HEADER + b"\r\n.",
    "a final dot as content": HEADER + b"\r\n.\r\n",
    "nothing after the header's empty line": HEADER + b"\r\n",
    "no line end at all": b"x",
    "a line of 100,000 octets": HEADER + b"\r\n" + b"z" * 100_000 + b"\r\n",
    "every octet": HEADER + b"Content-Transfer-Encoding: binary\r\n\r\n" + bytes(c for c in range(256) if c not in b"\r\n"),
    "many chunks": HEADER + b"\r\n" + "".join(f".line {n}\r\n" for n in range(50_000)).encode(),
}


def house(place):
    place.make_account(ANN, PASSWORD)
    return place.serve()


def fetch_all(server):
    """What POP3 and IMAP have, which tells NUL as it is in BINARY[] alone: lists in the same order."""
    with server.connect_tls("pop3s") as connection:
        by_pop = list(Maildrop(connection, ANN, PASSWORD).messages())
    with server.connect_tls("imaps") as connection:
        by_imap = list(Mailbox(connection, ANN, PASSWORD).fetch("BODY.PEEK[] BINARY.PEEK[]"))
    return by_pop, [told for told, _ in by_imap], [binary for _, binary in by_imap]


def hides_nul(told, came):
    """What BODY[] tells of a message of one part that holds NUL: its content in base64 (RFC 3516 §6)."""
    header, body = told.split(b"\r\n\r\n", 1)
    content = came.split(b"\r\n\r\n", 1)[1]
    return b"Content-Transfer-Encoding: base64" in header.split(b"\r\n") and base64.b64decode(body) == content


def test_bytes_are_the_same_through_smtp_pop3_and_imap(place):
    server = house(place)
    sent = BY_LINES | BY_CHUNKS
    with server.connect("smtp") as connection:
        sender = Sender(connection)
        for raw in BY_LINES.values():
            sender.send_lines(OUT, ANN, raw, " BODY=8BITMIME")
        for raw in BY_CHUNKS.values():
            sender.send_chunks(OUT, ANN, raw, chunk=10_000)
    by_pop, by_imap, binary = fetch_all(server)
    expect(len(by_pop) == len(by_imap) == len(sent), "a message is missing")
    for name, popped, told, came in zip(sent, by_pop, by_imap, binary):
        expect(without_trace(came) == sent[name], f"IMAP changes {name}")
        expect(popped == as_popped(came), f"POP3 changes {name}")
        expect(told == came or (b"\0" in came and hides_nul(told, came)), f"BODY[] changes {name}")


def test_parts_of_a_message_make_up_its_whole(place):
    server = house(place)
    with server.connect("smtp") as connection:
        sender = Sender(connection)
        for raw in (BY_LINES | BY_CHUNKS).values():
            sender.send_chunks(OUT, ANN, raw)
    with server.connect_tls("imaps") as connection:
        mailbox = Mailbox(connection, ANN, PASSWORD)
        items = "BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[]<0.300> BODY.PEEK[]<300.2000000>"
        for whole, header, text, first, rest in mailbox.fetch(items):
            expect(header + text == whole, "header and text are not the message")
            expect(first + rest == whole, "partial fetches are not the message")


def prepared(raw):
    """A file of the corpus as a mailer hands it over: its lines end in CR LF."""
    return re.sub(rb"\r?\n", b"\r\n", without_from_line(raw))


def deliver(server, messages):
    with server.connect("lmtp") as connection:
        sender = Sender(connection, "LHLO")
        for message in messages:
            sender.send_chunks(OUT, ANN, message)


def deliver_at_once(server, messages, clients):
    """Each client has its share; what one of them finds wrong is raised here."""
    problems = []

    def work(share):
        try:
            deliver(server, share)
        except Exception as problem:
            problems.append(problem)
    threads = [threading.Thread(target=work, args=(messages[i::clients],)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]


def digests(messages):
    return collections.Counter(hashlib.sha256(message).digest() for message in messages)


def test_the_corpus_goes_in_by_lmtp_and_comes_out_by_pop3_and_imap(place):
    given = [prepared(path.read_bytes()) for path in sorted(corpus().rglob("*")) if path.is_file()]
    expect(len(given) == MESSAGES, "the corpus is complete")
    server = house(place)
    deliver_at_once(server, given, clients=32)
    by_pop, _, by_imap = fetch_all(server)
    expect(digests(map(without_trace, by_imap)) == digests(given), "IMAP gives other messages than LMTP brought")
    expect(by_pop == [as_popped(message) for message in by_imap], "POP3 gives other messages than IMAP")
