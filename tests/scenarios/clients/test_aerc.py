"""aerc in a terminal, as a person uses it: goes through folders with Chinese names, reads, flags, moves and deletes by
IMAP, and hears of what others do meanwhile."""
import time
from urllib.parse import quote

from harness import PATIENCE, expect
from clients.household import BOB, HOST, PASSWORD, SUBJECT, TEXT, Home, find, letter, serve
from clients.terminal import Terminal
from test_log_in import Issuer

ACCOUNT = """
[bob]
source = {scheme}://{user}:{password}@{host}:{port}
from = Bob <{address}>
check-mail-timeout = 10s
"""
SETTINGS = """
[ui]
mouse-enabled = false
[viewer]
pager = cat
[filters]
text/plain = cat
"""
BINDS = """
[messages]
q = :quit<Enter>
"""


def aerc(home, service="imaps", scheme="imaps", user=BOB, password=PASSWORD):
    port = home.server.ports[service]
    place = ".config/aerc/"
    home.write(place + "accounts.conf", ACCOUNT.format(scheme=scheme, user=quote(user), password=quote(password), host=HOST,
                                                       port=port, address=BOB))
    home.write(place + "aerc.conf", SETTINGS)
    home.write(place + "binds.conf", BINDS)
    return Terminal(home, find("aerc"), SSL_CERT_FILE=str(home.authority))


def other(number):
    return f"From: a@b.test\r\nSubject: other{number}\r\n\r\nother\r\n".encode()


class Mail:
    """Bob's messages as the server has them: subject and flags."""

    def __init__(self, place):
        self.place = place

    def of(self, mailbox):
        rows = self.place.listing("message", "list", BOB, "--mailbox", mailbox)
        return {row["subject"]: set(row["flags"]) for row in rows}

    def becomes(self, mailbox, wanted, what):
        """aerc draws only what changes on its screen, so what it has done is looked for at the server."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(self.of(mailbox)):
            expect(time.monotonic() < deadline, f"{what}: {self.of(mailbox)}")


def test_aerc_goes_through_folders_flags_moves_and_deletes(place):
    server = serve(place)
    place.hongyan("mailbox", "create", BOB, "归档")
    for mail in (letter(), other(1)):
        place.hongyan("message", "import", BOB, "-", input=mail)
    home, there = Home(place, server, "bob"), Mail(place)
    with aerc(home) as terminal:
        for text in ("归档", "other1", SUBJECT):
            terminal.sees(text)
        # What another client brings shows at once, since aerc idles.
        place.hongyan("message", "import", BOB, "-", input=other(2))
        terminal.sees("other2")
        terminal.types(":search other2\r")
        terminal.sees("other2")
        terminal.types(":flag\r")
        there.becomes("INBOX", lambda mail: "\\Flagged" in mail.get("other2", ()), "it is not flagged")
        terminal.types(":mv 归档\r")
        there.becomes("归档", lambda mail: "\\Flagged" in mail.get("other2", ()), "it has not moved")
        terminal.types(":search other1\r")
        terminal.sees("other1")
        terminal.types(":delete\r")
        there.becomes("INBOX", lambda mail: set(mail) == {SUBJECT}, "it is not deleted")
        for folder, text in (("归档", "other2"), ("INBOX", SUBJECT)):
            terminal.types(f":cf {folder}\r")
            terminal.sees(text)
        terminal.leaves(":quit\r")
    # Another day: what is there is as it was left, and STARTTLS does as well.
    with aerc(home, "imap", "imap") as terminal:
        terminal.sees(SUBJECT)
        terminal.shows(":view\r", TEXT)
        there.becomes("INBOX", lambda mail: "\\Seen" in mail[SUBJECT], "what was read is not marked so")
        terminal.leaves(":quit\r")


def test_aerc_logs_in_with_a_token(place):
    issuer = Issuer(place.folder)
    server = serve(place, {"login.oauth.keys": str(issuer.keys), "login.oauth.issuer": "https://id.test",
                           "login.oauth.audience": "mail"})
    place.hongyan("message", "import", BOB, "-", input=letter())
    home = Home(place, server, "bob")
    for scheme in ("imaps+oauthbearer", "imaps+xoauth2"):
        with aerc(home, scheme=scheme, password=issuer.token(email=BOB)) as terminal:
            terminal.sees(SUBJECT)
            terminal.leaves(":quit\r")
    with aerc(home, scheme="imaps+oauthbearer", password=issuer.token(email="ann@example.test")) as terminal:
        terminal.sees("AUTHENTICATIONFAILED", "name or the password", "error", "failed")
