"""Clients that mean harm: each gets what it deserves, and nobody else notices.

How hard they try is a matter of time. ./check tries a little; more by HONGYAN_ENDLESS_MB (32 if not said: what one
client sends without a line end) and HONGYAN_IDLE_CONNECTIONS (200).
"""
import os
import pathlib
import resource
import smtplib
import socket
import threading
import time

from bystander import ANN, BOB, PASSWORD, Bystander, open_house
from harness import HOSTNAME, PATIENCE, Connection, expect
from wire import Mailbox, Sender

ENDLESS = int(os.environ.get("HONGYAN_ENDLESS_MB", "32")) << 20
IDLE_CONNECTIONS = int(os.environ.get("HONGYAN_IDLE_CONNECTIONS", "200"))
MEGABYTE = b"x" * (1 << 20)


class Memory:
    """What a server holds of the machine's memory."""

    def __init__(self, server):
        self.folder = pathlib.Path(f"/proc/{server.process.pid}")
        # A sanitizer reserves terabytes, and keeps what has been freed.
        self.is_exact = self._kilobytes("VmSize") < 1 << 30
        self.begin_again()

    def _kilobytes(self, name):
        line = next(line for line in (self.folder / "status").read_text().splitlines() if line.startswith(name + ":"))
        return int(line.split()[1])

    def now(self):
        return self._kilobytes("VmRSS") << 10

    def begin_again(self):
        (self.folder / "clear_refs").write_text("5")  # proc(5): the high-water mark is what is in use now
        self.before = self.now()

    def expect_no_more_than(self, more, what):
        grown = (self._kilobytes("VmHWM") << 10) - self.before
        expect(grown <= more or not self.is_exact, f"{what}: the server has grown by {grown >> 20} MB")


def log_in_once(server, name):
    with server.connect("imap") as client:
        Mailbox(client, name, PASSWORD)


# ---- byte by byte

def drip(client, stop):
    """Sends a byte now and then. What came back in the end."""
    client.sock.settimeout(0.2)
    heard = b""
    while not stop.is_set():
        try:
            client.send("x")
        except OSError:
            return heard
        try:
            more = client.sock.recv(1000)
        except TimeoutError:
            continue
        except ConnectionResetError:
            return heard
        if not more:
            return heard
        heard += more
    return None


def test_slow_clients_are_let_go(place):
    """Whoever sends a command byte by byte gets the time for one command, not for one byte."""
    patience = {f"limits.{name}_patience": "3s" for name in ("smtp", "login", "pop3")}
    # RFC 1939 §3: a POP3 server closes without a response.
    farewells = {"smtp": b"421 4.4.2 ", "submission": b"421 4.4.2 ", "lmtp": b"421 4.4.2 ", "imap": b"* BYE ",
                 "pop3": b""}
    server = open_house(place, patience)
    stop, heard, lock = threading.Event(), [], threading.Lock()

    def play(service):
        with server.connect(service) as client:
            client.hears("")
            said = drip(client, stop)
            with lock:
                heard.append((service, said))

    with Bystander(server):
        threads = [threading.Thread(target=play, args=(service,)) for service in farewells for _ in range(10)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0, deadline - time.monotonic()))
        stop.set()
        for thread in threads:
            thread.join()
    for service, said in heard:
        expect(said is not None, f"{service}: a slow client is never let go")
        expect(said.startswith(farewells[service]) and (farewells[service] or not said), f"{service} said {said!r}")
    expect(len(heard) == len(threads), "a slow client failed")


# ---- without end

def pour(client, count=None):
    """Sends without a line end until all is sent or the server hangs up."""
    for _ in range((count or ENDLESS) >> 20):
        client.send_octets(MEGABYTE)


def lines_after(client):
    """What the server says to the end of the connection, however that comes."""
    lines = []
    try:
        while (line := client.line()) is not None:
            lines.append(line)
    except OSError:
        pass
    return lines


def test_a_line_without_end_costs_no_memory(place):
    server = open_house(place)
    endings = {"smtp": ("500 ", "QUIT", "221 "), "pop3": ("-ERR", "QUIT", "+OK"), "lmtp": ("500 ", "QUIT", "221 "),
               "imap": ("* BAD", "a LOGOUT", "* BYE")}
    with Bystander(server):
        memory = Memory(server)
        for service, (complaint, quit_, goodbye) in endings.items():
            with server.connect(service) as client:
                client.hears("")
                pour(client)
                client.says("", complaint)  # the line has an end after all
                client.says(quit_, goodbye)
            memory.expect_no_more_than(16 << 20, service)


def test_a_message_without_end_costs_no_memory(place):
    server = open_house(place, {"limits.message_size": "1MiB"})
    with Bystander(server):
        memory = Memory(server)
        for service, hello in (("smtp", "EHLO"), ("lmtp", "LHLO")):
            with server.connect(service) as client:
                sender = Sender(client, hello)
                sender.command("MAIL FROM:<li@example.org>", "250 ")
                sender.command(f"RCPT TO:<{ANN}>", "250 ")
                sender.command("DATA", "354 ")
                pour(client)
                client.says("\r\n.", "552 5.3.4 ")
                sender.command("NOOP", "250 ")
            memory.expect_no_more_than(24 << 20, f"{service} DATA")
        with server.connect("smtp") as client:
            sender = Sender(client)
            sender.command("MAIL FROM:<li@example.org>", "250 ")
            sender.command(f"RCPT TO:<{ANN}>", "250 ")
            client.send(f"BDAT {ENDLESS} LAST\r\n")
            pour(client)
            client.hears("552 5.3.4 ")
            sender.command("NOOP", "250 ")
        memory.expect_no_more_than(24 << 20, "BDAT")


def test_a_literal_without_end_costs_no_memory(place):
    server = open_house(place, {"limits.message_size": "1MiB"})
    with Bystander(server):
        log_in_once(server, BOB)  # a log-in that is not remembered takes memory of its own (Argon2)
        memory = Memory(server)
        for command in ("a APPEND INBOX", "a SEARCH TEXT", "a LOGIN ann"):
            with server.connect("imap") as client:
                Mailbox(client, BOB, PASSWORD)
                client.says(f"{command} {{{ENDLESS}}}", "a ")  # refused before it is sent (RFC 9051 §4.3)
                client.says("b NOOP", "b OK")
                client.send(f"{command} {{{ENDLESS}+}}\r\n")  # and not asked for (RFC 7888 §4)
                try:
                    pour(client)
                    client.send("\r\n")
                except OSError:
                    pass  # hung up, as one may
                said = lines_after(client) if ENDLESS > 100 << 20 else [client.hears("a ")]
                expect(not any(line.startswith("a OK") for line in said), f"{command}: {said}")
            memory.expect_no_more_than(24 << 20, command)


# ---- MIME

DEPTH = 10_000
WIDTH = 100_000


def deep():
    opening = "".join(f"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n" for i in range(DEPTH))
    closing = "".join(f"\r\n--b{i}--\r\n" for i in reversed(range(DEPTH)))
    return (opening + "Content-Type: text/plain\r\n\r\nthe goose at the bottom\r\n" + closing).encode()


def wide():
    part = "--b\r\nContent-Type: text/plain\r\n\r\n\r\n"
    return ("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * WIDTH +
            "--b\r\n\r\nthe goose at the end\r\n--b--\r\n").encode()


def forwarded():
    return ("Content-Type: message/rfc822\r\n\r\n" * DEPTH + "Subject: last\r\n\r\nthe goose within\r\n").encode()


def decorated():
    fields = "".join(f"X-{i}: {i}\r\n" for i in range(WIDTH))
    parameters = "".join(f";\r\n p{i}*{j}=v" for i in range(300) for j in range(30))
    references = " ".join(f"<{i}@example.org>\r\n" for i in range(5_000))
    return (f"Content-Type: text/plain{parameters}\r\nReferences: {references}{fields}"
            "To: " + ",\r\n ".join(f"a{i}@example.org" for i in range(20_000)) + "\r\n\r\nthe goose below\r\n").encode()


def test_mime_bombs_are_mail_like_any_other(place):
    server = open_house(place)
    bombs = {b"deep": deep(), b"wide": wide(), b"forwarded": forwarded(), b"decorated": decorated()}
    bombs = {name: b"Subject: bomb " + name + b"\r\nMIME-Version: 1.0\r\n" + raw for name, raw in bombs.items()}
    with Bystander(server):
        with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], HOSTNAME, timeout=PATIENCE) as lmtp:
            for raw in bombs.values():
                lmtp.sendmail("li@example.org", [BOB], raw)
        with server.connect("imap") as client:
            mailbox = Mailbox(client, BOB, PASSWORD)
            expect(mailbox.count == len(bombs), f"{mailbox.count} have come")
            for (got,), raw in zip(mailbox.fetch("BODY.PEEK[]"), bombs.values(), strict=True):
                expect(got.endswith(raw), "a bomb is not what it was")
            client.send("b FETCH 1:* (ENVELOPE BODYSTRUCTURE RFC822.SIZE)\r\n")
            rows = [line for line in client.hears_lines("b OK") if " BODYSTRUCTURE " in line]
            expect(len(rows) == len(bombs), f"{len(rows)} structures")
            client.send(f"c FETCH 1:* (BODY.PEEK[{'.'.join('1' * 50)}] BODY.PEEK[99999])\r\n")
            client.hears_lines("c OK")
            client.send('d SEARCH BODY "the goose"\r\n')
            found = [line for line in client.hears_lines("d OK") if line.startswith("* SEARCH")]
            expect(found, "the search has no answer")
            client.send('e SEARCH OR SUBJECT "bomb" HEADER X-99999 "99999"\r\n')
            expect("* SEARCH 1 2 3 4" in client.hears_lines("e OK"), "not all are found by their subjects")
        place.hongyan("message", "export", BOB, "out", "--mailbox", "INBOX", "--format", "eml",
                      "--line-ends", "crlf")
        files = sorted((place.folder / "out").rglob("*.eml"), key=lambda path: int(path.stem))
        for path, raw in zip(files, bombs.values(), strict=True):
            expect(path.read_bytes().endswith(raw), f"{path.name} is not what it was")


# ---- passwords

def guess_by_imap(client):
    client.hears("* OK")
    client.says(f"a LOGIN {ANN} wrong", "a NO [AUTHENTICATIONFAILED]")


def guess_by_pop3(client):
    client.hears("+OK")
    client.says(f"USER {ANN}", "+OK")
    client.says("PASS wrong", "-ERR [AUTH]")


def guess_by_submission(client):
    Sender(client)
    client.says("AUTH PLAIN AGFubgB3cm9uZw==", "535 5.7.8 ")


GUESSES = {"imap": guess_by_imap, "pop3": guess_by_pop3, "submission": guess_by_submission}


def test_a_flood_of_guesses_locks_nobody_out(place):
    server = open_house(place)
    failures = []

    def guess(service, by):
        try:
            with server.connect(service) as client:
                by(client)
        except Exception as problem:  # whatever it was, the scenario says so
            failures.append(f"{service}: {problem}")

    with Bystander(server):
        threads = [threading.Thread(target=guess, args=row) for row in list(GUESSES.items()) * 15]
        for thread in threads:
            thread.start()
        for name in (ANN, BOB):
            log_in_once(server, name)
        for thread in threads:
            thread.join()
    expect(not failures, f"{len(failures)} guesses were not answered: {failures[:3]}")


# ---- a crowd

def idle(server, number, context, name):
    """A connection over TLS that idles in its INBOX, from an address of its own (of 200)."""
    raw = socket.create_connection(("127.0.0.1", server.ports["imaps"]), PATIENCE, (f"127.0.0.{1 + number % 200}", 0))
    client = Connection(context.wrap_socket(raw, server_hostname=HOSTNAME))
    Mailbox(client, name, PASSWORD)
    client.says("i IDLE", "+ ")
    return client


def test_a_crowd_idles_and_the_right_ones_hear(place):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    expect(IDLE_CONNECTIONS + 200 < most, f"only {most} open files are permitted")
    people = [f"p{i}@example.test" for i in range(20)]
    place.make_account(people[0], PASSWORD)
    for name in people[1:]:
        place.hongyan("account", "add", name, input=PASSWORD.encode() + b"\n")
    # As many descriptors as a shell gives; the server takes what it may have.
    server = place.serve({"limits.connections": IDLE_CONNECTIONS + 100}, before=("prlimit", "--nofile=150:"))
    context = server.trust()
    memory = Memory(server)
    crowd = {name: [] for name in people}
    for number in range(IDLE_CONNECTIONS):
        name = people[number % len(people)]
        crowd[name].append(idle(server, number, context, name))
    each = (memory.now() - memory.before) / IDLE_CONNECTIONS
    print(f"     {IDLE_CONNECTIONS} idle over TLS: {each / 1024:.1f} KB each")
    chosen = people[7]
    with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], HOSTNAME, timeout=PATIENCE) as lmtp:
        lmtp.sendmail("li@example.org", [chosen], b"Subject: wake\r\n\r\n")
    for client in crowd[chosen]:
        client.hears("* 1 EXISTS")
    for name, clients in crowd.items():
        for client in clients:
            client.send("DONE\r\n")
        for client in clients:
            said = client.hears_lines("i OK")
            expect(name == chosen or len(said) == 1, f"{name} hears what is not for him: {said}")
            client.sock.close()
