"""Mail is fetched by POP3: what was kept comes out as it is, once, and goes only when it was asked to go."""
import poplib
import shutil
import subprocess

from harness import HOSTNAME, PATIENCE, Skipped, expect

ANN = "ann@example.test"
PASSWORD = "correct horse"
MAILS = [
    b"From: a@b\r\nSubject: one\r\n\r\nHello.\r\n",
    b"Subject: dots\r\n\r\n.\r\n..\r\n.dot\r\n\r\nThe end.\r\n",
    "Subject: =?utf-8?b?6YeN6KaB?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n你好\r\n".encode(),
    b"Subject: large\r\n\r\n" + b".0123456789\r\n" * 100_000,
]


def house(place, settings=None):
    place.make_account(ANN, PASSWORD)
    for number, mail in enumerate(MAILS):
        path = place.folder / f"{number}.eml"
        path.write_bytes(mail)
        place.hongyan("message", "import", ANN, path)
    return place.serve(settings)


def visit(server, service="pop3s"):
    """A session over TLS that has not logged in."""
    context = server.trust()
    context.check_hostname = False
    if service == "pop3s":
        return poplib.POP3_SSL("127.0.0.1", server.ports[service], context=context, timeout=PATIENCE)
    session = poplib.POP3("127.0.0.1", server.ports[service], timeout=PATIENCE)
    session.stls(context)
    return session


def log_in(session):
    session.user(ANN)
    session.pass_(PASSWORD)
    return session


def text(session, number):
    return b"".join(line + b"\r\n" for line in session.retr(number)[1])


def refusal(action, *arguments):
    try:
        action(*arguments)
    except poplib.error_proto as refused:
        return str(refused)
    return "nothing"


def test_mail_is_listed_and_comes_out_as_it_went_in(place):
    server = house(place)
    session = log_in(visit(server))
    expect(session.stat() == (len(MAILS), sum(map(len, MAILS))), "STAT counts otherwise")
    expect(session.list()[1] == [f"{n} {len(mail)}".encode() for n, mail in enumerate(MAILS, 1)], "LIST is wrong")
    for number, mail in enumerate(MAILS, 1):
        expect(text(session, number) == mail, f"message {number} has changed on its way")
    expect(session.top(2, 2)[1] == [b"Subject: dots", b"", b".", b".."], "TOP is wrong")
    expect("UTF8" in session.capa() and "SASL" in session.capa(), "a capability is missing")
    session.quit()


def test_only_quit_removes_what_is_deleted_and_the_unique_ids_of_the_rest_stay(place):
    server = house(place)
    session = log_in(visit(server, "pop3"))
    before = [line.split()[1] for line in session.uidl()[1]]
    session.dele(1)
    session.close()
    for _ in range(100):
        session = visit(server)
        if refusal(log_in, session) == "nothing":
            break
    expect(session.stat()[0] == len(MAILS), "a session that broke off has removed something")
    session.dele(2)
    expect(refusal(session.retr, 2).startswith("b'-ERR"), "a deleted message can be read")
    session.quit()
    session = log_in(visit(server))
    expect([line.split()[1] for line in session.uidl()[1]] == before[:1] + before[2:], "unique-ids have changed")
    session.quit()
    expect(server.stop(), "the server does not end well")
    session = log_in(visit(place.serve()))
    expect([line.split()[1] for line in session.uidl()[1]] == before[:1] + before[2:], "not stable over a restart")
    session.quit()


def test_a_maildrop_has_one_session_at_a_time(place):
    server = house(place)
    first, second = log_in(visit(server)), visit(server)
    expect("[IN-USE]" in refusal(log_in, second), "two sessions hold one maildrop")
    first.quit()
    log_in(second)
    expect(second.stat()[0] == len(MAILS), "the second session sees other mail")
    second.quit()


def test_wrong_passwords_and_plain_text_are_refused(place):
    server = house(place)
    with server.connect("pop3") as plain:
        plain.hears("+OK ")
        plain.says(f"USER {ANN}", "-ERR [AUTH] ")
    session = visit(server)
    session.user(ANN)
    expect("[AUTH]" in refusal(session.pass_, "wrong"), "a wrong password is accepted")
    log_in(session).quit()


def test_a_message_that_imap_has_removed_is_refused_and_the_others_come(place):
    server = house(place)
    session = log_in(visit(server))
    with server.connect_tls("imaps") as imap:
        imap.hears("* OK")
        imap.send(f'a LOGIN {ANN} "{PASSWORD}"\r\nb SELECT INBOX\r\nc STORE 1 +FLAGS.SILENT (\\Deleted)\r\nd EXPUNGE\r\n')
        imap.hears_lines("d OK")
    expect("[SYS/TEMP]" in refusal(session.retr, 1), "a message that is gone is not refused")
    expect(text(session, 2) == MAILS[1], "the others have changed")
    session.quit()


def curl(server, path, *options):
    if shutil.which("curl") is None:
        raise Skipped("curl is not installed")
    url = f"pop3s://{HOSTNAME}:995/{path}"
    done = subprocess.run(["curl", "-sS", "--cacert", server.data / "ca.pem", "--connect-to",
                           f"{HOSTNAME}:995:127.0.0.1:{server.ports['pop3s']}", "--user", f"{ANN}:{PASSWORD}",
                           *options, url], capture_output=True, timeout=PATIENCE)
    expect(done.returncode == 0, f"curl ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def test_curl_lists_fetches_and_deletes(place):
    server = house(place)
    listing = curl(server, "").split(b"\r\n")
    expect(listing[:4] == [f"{n} {len(mail)}".encode() for n, mail in enumerate(MAILS, 1)], f"curl lists {listing}")
    for number, mail in enumerate(MAILS, 1):
        expect(curl(server, number) == mail, f"message {number} has changed on its way")
    curl(server, 1, "--request", "DELE", "--list-only")
    expect(curl(server, "").startswith(b"1 %d" % len(MAILS[1])), "the message is still there")
