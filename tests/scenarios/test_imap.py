"""Mail is read by IMAP with real clients: Python's imaplib and curl; what comes in is announced to who idles."""
import imaplib
import shutil
import smtplib
import socket
import struct
import subprocess
import time

from harness import PATIENCE, Skipped, expect

ANN = "ann@example.test"
PASSWORD = "correct horse"
MAIL = ("From: =?GB2312?B?wO7Dwg==?= <li@example.test>\r\nSubject: =?GB2312?B?1tjSqg==?=\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n大雁飞过\r\n").encode()


def house(place):
    place.make_account(ANN, PASSWORD)
    return place.serve()


def done(answer):
    expect(answer[0] == "OK", f"not OK: {answer}")
    return answer[1]


def reader(server):
    context = server.trust()
    client = imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=context, timeout=PATIENCE)
    done(client.login(ANN, PASSWORD))
    return client


def deliver(server, mail):
    with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], local_hostname="client.test", timeout=PATIENCE) as lmtp:
        lmtp.sendmail("li@example.test", [ANN], mail)


def test_a_message_comes_and_goes(place):
    client = reader(house(place))
    done(client.append("INBOX", "(\\Seen)", None, MAIL))
    expect(done(client.select()) == [b"1"], "one message")
    expect(client.fetch("1", "(RFC822)")[1][0][1] == MAIL, "it is what went in")
    client.literal = "重要".encode()
    expect(done(client.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT")) == [b"1"], "its subject is found")
    done(client.create("&XfJT0ZAB-"))
    done(client.copy("1", "&XfJT0ZAB-"))
    expect(b"(MESSAGES 1)" in done(client.status("&XfJT0ZAB-", "(MESSAGES)"))[0], "it is copied")
    done(client.store("1", "+FLAGS", "\\Deleted"))
    expect(done(client.expunge()) == [b"1"], "it is gone")
    done(client.close())
    client.logout()


def test_who_idles_hears_of_mail_at_once(place):
    server = house(place)
    client = reader(server)
    done(client.select())
    client.send(b"x IDLE\r\n")
    expect(client.readline().startswith(b"+ "), "it idles")
    deliver(server, MAIL)
    expect(client.readline() == b"* 1 EXISTS\r\n", "it is told")
    expect(client.readline() == b"* 1 RECENT\r\n", "it is the first to see it")
    client.send(b"DONE\r\n")
    expect(client.readline().startswith(b"x OK"), "it goes on")
    client.logout()


def test_curl_reads_what_lmtp_brought(place):
    if not shutil.which("curl"):
        raise Skipped("there is no curl")
    server = house(place)
    deliver(server, MAIL)
    port = server.ports["imaps"]
    got = subprocess.run(["curl", "-sS", "--cacert", str(server.data / "ca.pem"), "-u", f"{ANN}:{PASSWORD}",
                          f"imaps://127.0.0.1:{port}/INBOX;UID=1"], capture_output=True, timeout=PATIENCE, check=True)
    expect(got.stdout.endswith(MAIL), f"curl read {got.stdout!r}")


def test_a_wrong_password_opens_nothing(place):
    server = house(place)
    with server.connect_tls("imaps") as client:
        client.hears("* OK")
        client.says(f'a LOGIN {ANN} wrong', "a NO [AUTHENTICATIONFAILED]")
    with server.connect("imap") as client:
        client.hears("* OK")
        client.says("a SELECT INBOX", "a BAD")


def messages_in(client, mailbox):
    return int(done(client.status(mailbox, "(MESSAGES)"))[0].split(b"MESSAGES ")[1].rstrip(b")"))


def begin_copy_and_see_a_part(client, watcher, count, deadline):
    """The mailbox in which some of the copies are, and not all. Who looks too late has it done again, elsewhere; where that
    is so each time, all are in the last one, which is whole or nothing too."""
    targets = ("Archive", "Drafts", "Junk", "Sent", "Trash")
    for target in targets:
        client.send(b"x COPY 1:* " + target.encode() + b"\r\n")
        while (seen := messages_in(watcher, target)) == 0:
            expect(time.monotonic() < deadline, "the copying never began")
        if seen < count or target == targets[-1]:
            return target
        while not client.readline().startswith(b"x OK"):
            pass


def test_a_copy_whose_client_goes_is_whole_or_nothing(place):
    """RFC 3501 section 6.4.7, though the connection breaks in the middle of a long COPY. The server hears of that when it
    next says something, so that it mostly is whole; how it is taken back LongCommands.ACopyWithoutItsClientIsTakenBack shows."""
    server = house(place)
    client, watcher = reader(server), reader(server)
    many = b"".join(b" {%d+}\r\n%s" % (len(MAIL), MAIL) for _ in range(1000))
    for _ in range(16):
        client.send(b"m APPEND INBOX" + many + b"\r\n")
        expect(client.readline().startswith(b"m OK"), "MULTIAPPEND")
    done(client.select())
    count = messages_in(watcher, "INBOX")
    expect(count == 16000, count)
    deadline = time.monotonic() + PATIENCE
    target = begin_copy_and_see_a_part(client, watcher, count, deadline)
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.shutdown()
    while messages_in(watcher, target) not in (0, count):
        expect(time.monotonic() < deadline, f"a part of the copies stays: {messages_in(watcher, target)} of {count}")
    done(watcher.select())
    done(watcher.copy("1", target))
    expect(messages_in(watcher, target) in (1, count + 1), "and others go on")
    expect("command broken" not in server.log() and "command left undone" not in server.log(), server.log())
    watcher.logout()
