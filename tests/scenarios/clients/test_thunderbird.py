"""Thunderbird, told what to do as a person's clicks would: folders with Chinese names, flags both ways, a move, a removal,
and news that it hears of by IDLE."""
import base64
import time

from harness import PATIENCE, expect
from clients.household import BOB, PASSWORD, SUBJECT, Home, imap, letter, raw, serve
from clients.thunderbird import Thunderbird


def other(number):
    return (f"From: a@b.test\r\nSubject: other{number}\r\nMessage-ID: <other{number}@b.test>\r\n"
            f"Date: Mon, 02 Mar 2026 09:00:00 +0800\r\n\r\nother\r\n").encode()


def becomes(place, mailbox, wanted, what):
    """It is done in the background."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = place.listing("message", "list", BOB, "--mailbox", mailbox)
        mail = {row["subject"]: set(row["flags"]) for row in rows}
        if wanted(mail):
            return
        expect(time.monotonic() < deadline, f"{what}: {mail}")
        time.sleep(0.05)


def test_thunderbird_synchronises_flags_moves_and_removes(place):
    server = serve(place)
    place.hongyan("mailbox", "create", BOB, "归档")
    for mail in (letter(), other(1), other(2)):
        place.hongyan("message", "import", BOB, "-", input=mail)
    with Thunderbird(Home(place, server, "bob")) as thunderbird:
        thunderbird.has_account(server, BOB, PASSWORD)
        thunderbird.does("folders", ["INBOX", "归档", "Trash"])
        mail = thunderbird.does("mail", "INBOX", 3)
        unread = {"read": False, "flagged": False}
        expect(mail == {SUBJECT: unread, "other1": unread, "other2": unread}, f"at first it has {mail}")
        # It puts marks of its own before what it has fetched.
        text = base64.b64decode(thunderbird.does("text", "INBOX", SUBJECT))
        expect(text.endswith(raw(place, BOB)), f"the letter is another: {text!r}")
        # Flags, first from here, then from another client.
        thunderbird.does("mark", "INBOX", "other1")
        becomes(place, "INBOX", lambda mail: mail["other1"] >= {"\\Seen", "\\Flagged"}, "it is not marked")
        elsewhere = imap(server)
        elsewhere.store("3", "+FLAGS.SILENT", "(\\Flagged \\Seen)")
        elsewhere.logout()
        marked = thunderbird.does("mail", "INBOX", 3)["other2"]
        expect(marked == {"read": True, "flagged": True}, f"it does not see what another client has marked: {marked}")
        thunderbird.does("move", "INBOX", "other1", "归档")
        becomes(place, "归档", lambda mail: mail.get("other1", set()) >= {"\\Flagged"}, "it has not moved")
        thunderbird.does("remove", "INBOX", "other2")
        becomes(place, "Trash", lambda mail: "other2" in mail, "what was removed is not in Trash")
        becomes(place, "INBOX", lambda mail: set(mail) == {SUBJECT}, "it is still there")
        thunderbird.does("createFolder", "来信")
        names = [row["name"] for row in place.listing("mailbox", "list", BOB)]
        expect("来信" in names, f"the new folder is not among {names}")
        place.hongyan("message", "import", BOB, "-", input=other(3))
        thunderbird.does("hears", "INBOX", "other3")
