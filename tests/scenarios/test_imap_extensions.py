"""What IMAP servers seldom have, through the running server: a session behind DEFLATE, mailboxes that two people share,
news of all mailboxes without IDLE, and what settings say of both."""
import smtplib
import zlib

from harness import PATIENCE, Connection, expect

ANN = "ann@example.test"
BOB = "bob@example.test"
PASSWORD = "correct horse"
MAIL = b"From: li@example.test\r\nSubject: hello\r\n\r\nHello.\r\n"


def house(place, settings=None):
    place.hongyan("domain", "add", "example.test")
    for who in (ANN, BOB):
        place.hongyan("account", "add", who, input=PASSWORD.encode())
    return place.serve(settings)


def deliver(server, who=ANN, mail=MAIL):
    with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], local_hostname="client.test", timeout=PATIENCE) as lmtp:
        lmtp.sendmail("li@example.test", [who], mail)


def logged_in(server, who=ANN):
    session = server.connect_tls("imaps")
    session.hears("* OK")
    session.says(f'a LOGIN {who} "{PASSWORD}"', "a OK")
    return session


def done(session, command):
    """All untagged lines up to the OK."""
    session.send(f"t {command}\r\n")
    lines = session.hears_lines("t ")
    expect(lines[-1].startswith("t OK"), f"{command}: {lines}")
    return lines[:-1]


def refused(session, command, code):
    session.send(f"t {command}\r\n")
    last = session.hears_lines("t ")[-1]
    expect(last.startswith(f"t NO [{code}]"), f"{command}: {last}")


class Deflated:
    """A socket behind which both sides speak DEFLATE (RFC 1951), which is how RFC 4978 has it."""

    def __init__(self, sock):
        self.sock = sock
        self.packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.unpacker = zlib.decompressobj(-15)
        self.received = 0

    def settimeout(self, time):
        self.sock.settimeout(time)

    def sendall(self, octets):
        self.sock.sendall(self.packer.compress(octets) + self.packer.flush(zlib.Z_SYNC_FLUSH))

    def recv(self, most):
        while True:
            packed = self.sock.recv(most)
            self.received += len(packed)
            plain = self.unpacker.decompress(packed)
            if plain or not packed:
                return plain

    def close(self):
        self.sock.close()


def test_a_session_behind_deflate_says_what_any_other_says(place):
    server = house(place)
    large = MAIL + b"All work and no play makes Jack a dull boy.\r\n" * 20_000
    deliver(server, mail=large)
    plain = logged_in(server)
    plain.says("c COMPRESS DEFLATE", "c OK")
    expect(not plain.buffer, "something was said in the clear behind the answer")
    with Connection(Deflated(plain.sock)) as session:
        expect("* 1 EXISTS" in done(session, "SELECT INBOX"), "the mailbox is empty")
        session.send("f UID FETCH 1 BODY.PEEK[]\r\n")
        size = int(session.hears("* 1 FETCH").rpartition("{")[2].rstrip("}"))
        text = session.octets(size)
        session.hears(")")
        session.hears("f OK")
        expect(text.endswith(large), "another message comes")
        expect(session.sock.received < size // 20, f"{session.sock.received} octets came for {size}")
        refused(session, "COMPRESS DEFLATE", "COMPRESSIONACTIVE")
        session.says("i IDLE", "+ ")
        deliver(server)
        session.hears("* 2 EXISTS")
        session.send("DONE\r\n")
        session.hears_lines("i OK")
        # A literal of the client's, the other way.
        session.says(f"p APPEND INBOX {{{len(large)}}}", "+ ")
        session.send_octets(large + b"\r\n")
        session.hears_lines("p OK")
        session.send("z LOGOUT\r\n")
        session.hears("* BYE")
        session.hears("z OK")


def test_two_people_share_a_mailbox(place):
    server = house(place)
    with logged_in(server) as ann, logged_in(server, BOB) as bob:
        done(ann, "CREATE Plans")
        path = f'"Other Users/{ANN}/Plans"'
        refused(bob, f"SELECT {path}", "NONEXISTENT")
        done(ann, f"SETACL Plans {BOB} lrsi")
        listed = done(bob, 'LIST "" "Other Users/*"')
        expect(any(line.endswith(f"{path}") for line in listed), f"Bob sees {listed}")
        done(ann, "SELECT Plans")
        done(bob, f"SELECT {path}")
        # What Bob brings Ann hears of while she idles, and what Ann does Bob.
        ann.says("i IDLE", "+ ")
        bob.says(f"p APPEND {path} {{{len(MAIL)}}}", "+ ")
        bob.send_octets(MAIL + b"\r\n")
        bob.hears_lines("p OK")
        ann.hears("* 1 EXISTS")
        ann.send("DONE\r\n")
        ann.hears_lines("i OK")
        done(ann, "STORE 1 +FLAGS (\\Flagged)")
        expect(any("\\Flagged" in line for line in done(bob, "NOOP")), "Bob hears of no flag")
        refused(bob, "STORE 1 +FLAGS (\\Deleted)", "NOPERM")
        refused(bob, "EXPUNGE", "NOPERM")
        done(bob, "STORE 1 +FLAGS (\\Seen)")
        # The right to read is taken away under him.
        done(ann, f"DELETEACL Plans {BOB}")
        bob.send("n NOOP\r\n")
        lines = bob.hears_lines("* BYE")
        expect(lines[-1].startswith("* BYE"), f"Bob hears {lines}")
    expect(server.stop(), "the server does not end well")
    place.hongyan("store", "check")


def test_who_asked_for_it_is_told_of_all_mailboxes_without_idling(place):
    server = house(place)
    with logged_in(server) as ann, logged_in(server) as elsewhere:
        done(ann, "CREATE Other")
        lines = done(ann, "NOTIFY SET STATUS (PERSONAL (MessageNew MessageExpunge MailboxName))")
        expect(any(line.startswith("* STATUS INBOX") for line in lines), f"NOTIFY says {lines}")
        deliver(server)
        expect("MESSAGES 1)" in ann.hears("* STATUS INBOX "), "another number of messages is told")
        elsewhere.says(f"p APPEND Other {{{len(MAIL)}}}", "+ ")
        elsewhere.send_octets(MAIL + b"\r\n")
        elsewhere.hears_lines("p OK")
        expect("MESSAGES 1)" in ann.hears("* STATUS Other "), "another number of messages is told")
        done(elsewhere, "CREATE Third")
        expect(ann.hears("* LIST ").endswith("Third"), "nobody hears of a new mailbox")
        done(ann, "NOTIFY NONE")
        deliver(server)
        expect(not any("STATUS" in line for line in done(ann, "NOOP")), "news still come")


def test_a_command_is_about_as_many_messages_as_the_settings_say(place):
    server = house(place, {"imap.message_limit": 2, "imap.save_limit": 9})
    for _ in range(3):
        place.hongyan("message", "import", ANN, "-", input=MAIL)
    ann = logged_in(server)
    expect(" MESSAGELIMIT=2" in done(ann, "CAPABILITY")[0], "the limit is not announced")
    done(ann, "SELECT INBOX")
    ann.send("b FETCH 1:* UID\r\n")
    said = ann.hears_lines("b ")
    expect(said[:-1] == ["* 3 FETCH (UID 3)", "* 2 FETCH (UID 2)"] and said[-1].startswith("b OK [MESSAGELIMIT 2 2] "),
           f"of three messages it says {said}")
    refused(ann, "COPY 1:3 Trash", "MESSAGELIMIT 2 2")
    server.reload(**{"imap.message_limit": 0})
    ann = logged_in(server)
    said = done(ann, "CAPABILITY")[0]
    expect(" SAVELIMIT=9" in said and "MESSAGELIMIT" not in said, f"after a reload: {said}")


def test_who_cannot_read_raw_headers_gets_surrogates_by_pop3_too(place):
    server = house(place, {"imap.raw_headers": False})
    place.hongyan("message", "import", ANN, "-", input="Subject: 大雁\r\nX-Note: 雁\r\n\r\n雁\r\n".encode())
    for mode, first in (((), "Subject: =?UTF-8?B?5aSn6ZuB?="), (("UTF8",), "Subject: 大雁")):
        client = server.connect_tls("pop3s")
        client.hears("+OK")
        for line in (*mode, f"USER {ANN}", f"PASS {PASSWORD}"):
            client.says(line, "+OK")
        client.send("LIST\r\n")
        client.hears("+OK")
        listed = client.hears_lines(".")
        client.says("RETR 1", "+OK")
        lines = client.hears_lines(".")
        expect(lines[0] == first, f"{mode}: {lines}")
        octets = sum(len(line.encode()) + 2 for line in lines if line != ".")
        expect(f"1 {octets}" in listed, f"RFC 6856 section 2.1: {listed}, and {octets} octets came")
