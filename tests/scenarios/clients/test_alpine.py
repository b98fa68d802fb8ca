"""Alpine in a terminal, as a person uses it: writes a letter with an attachment; searches, reads, saves, deletes."""
from harness import expect
from clients.household import (ANN, BOB, FAR, FILE, FILE_NAME, HOST, PASSWORD, SUBJECT, TEXT, Home, expect_nothing_sent,
                               expect_the_letter, find, letter, mails, serve)
from clients.terminal import Terminal

SETTINGS = """
customized-hdrs=From: 安 <{ann}>
user-domain=example.test
smtp-server={smtp}
inbox-path={{{imap}}}INBOX
feature-list=quit-without-confirm,expunge-without-confirm,enable-aggregate-command-set
default-fcc=""
mail-directory=mail
status-message-delay=0
busy-cue-rate=0
character-set=UTF-8
last-version-used=6.26
"""

NEXT, SEND = "\x0e", "\x18"  # ^N, ^X


def home(place, server, person, smtp="", imap=""):
    made = Home(place, server, person)
    made.write("pinerc", SETTINGS.format(ann=ANN, smtp=smtp, imap=imap))
    (made.folder / "mail").mkdir()
    return made


def alpine(home, *words, authority=None):
    return Terminal(home, find("alpine"), "-p", home.folder / "pinerc", *words,
                    SSL_CERT_FILE=str(authority or home.authority))


def type_password(terminal, password=PASSWORD):
    terminal.sees("ENTER PASSWORD")
    terminal.types(password + "\r")
    terminal.sees("Preserve password")
    terminal.types("n")


def write_letter(terminal):
    """Alpine was started with a file to attach and the recipient; the cursor is in the first field."""
    terminal.sees("Message Text")
    terminal.types(3 * NEXT + SUBJECT)
    terminal.sees(SUBJECT)
    terminal.types(NEXT + TEXT)
    terminal.sees(TEXT)
    terminal.types(SEND)
    terminal.sees("Send message?")
    terminal.types("y")


def test_alpine_sends(place):
    server = serve(place)
    for number, way in enumerate((f"{server.ports['submissions']}/ssl", f"{server.ports['submission']}/tls")):
        ann = home(place, server, f"ann{number}", smtp=f"{HOST}:{way}/user={ANN}")
        ann.write(FILE_NAME, FILE)
        with alpine(ann, "-attach", FILE_NAME, BOB) as terminal:
            write_letter(terminal)
            type_password(terminal)
            terminal.sees("Alpine finished")
            expect(terminal.ends() == 0, "alpine has failed")
    expect_the_letter(place, server, copies=2)


def test_alpine_searches_reads_saves_and_deletes(place):
    server = serve(place)
    place.hongyan("message", "import", BOB, "-", input=letter())
    place.hongyan("message", "import", BOB, "-", input=b"From: a@b.test\r\nSubject: other\r\n\r\nother\r\n")
    bob = home(place, server, "bob", imap=f"{HOST}:{server.ports['imap']}/imap/tls/user={BOB}")
    # "q" would do as well as "x", but Alpine shows what it has to say for three seconds before it ends.
    steps = [
        ("\r", TEXT),
        (">", FILE_NAME), (NEXT, FILE_NAME), ("s", "SAVE: Copy attachment"), ("\r", "written to", "100%"), ("<", TEXT),
        ("<", "other"), ("d", "marked for deletion"),
        (";", "SELECT criteria"), ("t", "Select based on"), ("s", "String in message SUBJECT"),
        (SUBJECT[:4] + "\r", "matched 1 message"),
        ("x", "Message 1 of 1"),
    ]
    with alpine(bob, "-i") as terminal:
        type_password(terminal)
        terminal.sees(SUBJECT)
        for keys, *answers in steps:
            terminal.types(keys)
            terminal.sees(*answers)
    expect(bob.read(FILE_NAME) == FILE, "alpine saved another attachment")
    expect([row["subject"] for row in mails(place, BOB)] == ["other"], "what was deleted is still there")


def test_alpine_says_why_nothing_was_sent(place):
    server = serve(place)
    ports = server.ports
    submission = f"{HOST}:{ports['submissions']}/ssl/user={ANN}"
    reasons = [
        (submission, BOB, {"authority": "/etc/ssl/certs/ca-certificates.crt"}, "VALIDATION FAILURE"),
        (f"{HOST}:{ports['smtp']}/tls", FAR, {}, "Mail not sent: Relaying denied"),
        (f"{HOST}:{ports['submission']}/tls", BOB, {}, "ENTER LOGIN NAME"),
        (submission, BOB, {"password": "wrong"}, "Retrying"),
    ]
    for number, (smtp, to, wrong, reason) in enumerate(reasons):
        ann = home(place, server, f"ann{number}", smtp=smtp)
        ann.write(FILE_NAME, FILE)
        with alpine(ann, "-attach", FILE_NAME, to, authority=wrong.get("authority")) as terminal:
            write_letter(terminal)
            if "password" in wrong:
                type_password(terminal, wrong["password"])
            terminal.sees(reason)
    expect_nothing_sent(place)
