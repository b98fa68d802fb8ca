"""Two-way synchronisation: mail in two places, changed in both, is the same in both afterwards, and then stays as it is."""
import base64
import hashlib
import imaplib
import re

from harness import PATIENCE, expect
from clients.household import ANN, HOST, PASSWORD

ARCHIVE, NEWS, DRAFTS = "归档", "通知", "草稿箱"
CHINESE = "大雁飞过，留下一封信。\r\n" * 3

MADE_WITH_THE_ACCOUNT = {name: {} for name in ("Archive", "Drafts", "Junk", "Sent", "Trash")}
# Subjects and their flags, mailbox by mailbox: at first, on the server, and when the changes of both sides are everywhere.
BEFORE = MADE_WITH_THE_ACCOUNT | {
    "INBOX": {"one": "", "two": "\\Seen", "three": "\\Seen", "four": "", "five": "\\Answered"},
    ARCHIVE: {"old": "\\Seen", "older": "\\Flagged \\Seen"},
}
AFTER = MADE_WITH_THE_ACCOUNT | {
    "INBOX": {"one": "\\Flagged", "three": "\\Answered \\Flagged \\Seen", "five": "", "from there": "",
              "from here": "\\Seen"},
    ARCHIVE: {"old": "\\Seen"},
    NEWS: {"news": ""},
    DRAFTS: {"draft": "\\Draft"},
}


def letter(subject):
    """Every subject has its own message, so that a message is known by its subject."""
    return (f"From: li@there.test\r\nTo: {ANN}\r\nSubject: {subject}\r\nDate: Mon, 02 Mar 2026 09:00:00 +0800\r\n"
            f"Message-ID: <{subject.replace(' ', '.')}@there.test>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
            f"\r\n.{subject}\r\n{CHINESE}" + "x" * 900 + "\r\n").encode()


def content(raw):
    """What two copies must have in common: a Maildir may end its lines in LF, and mbsync marks what it has copied."""
    text = re.sub(rb"(?m)^X-TUID: .*\r?\n", b"", raw, count=1)
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()


def subject_of(raw):
    return re.search(rb"(?m)^Subject: (.*?)\r?$", raw)[1].decode()


def on_the_wire(name):
    """A name in modified UTF-7 (RFC 3501 §5.1.3), if each of its levels is all ASCII or all Chinese."""
    return "/".join(level if level.isascii() else encoded(level) for level in name.split("/"))


def encoded(level):
    return "&" + base64.b64encode(level.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


class Remote:
    """Ann's mail on a server, by IMAP. Closes its connection when it is left."""

    spelled = staticmethod(on_the_wire)

    def __init__(self, server):
        self.client = imaplib.IMAP4_SSL(HOST, server.ports["imaps"], ssl_context=server.trust(), timeout=PATIENCE)
        self.client.login(ANN, PASSWORD)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.shutdown()

    def _ok(self, answer):
        expect(answer[0] == "OK", f"the server refuses: {answer}")
        return answer[1]

    def _uid(self, subject):
        found = self._ok(self.client.uid("SEARCH", "SUBJECT", f'"{subject}"'))[0].split()
        expect(len(found) == 1, f"{len(found)} messages are called {subject}")
        return found[0]

    def create(self, mailbox):
        self._ok(self.client.create(on_the_wire(mailbox)))

    def append(self, mailbox, subject, flags=""):
        self.deliver(mailbox, letter(subject), flags)

    def deliver(self, mailbox, raw, flags=""):
        self._ok(self.client.append(on_the_wire(mailbox), f"({flags})", None, raw))

    def set_flags(self, mailbox, subject, flags):
        self._ok(self.client.select(on_the_wire(mailbox)))
        self._ok(self.client.uid("STORE", self._uid(subject), "FLAGS", f"({flags})"))

    def remove(self, mailbox, subject):
        self.set_flags(mailbox, subject, "\\Deleted")
        self._ok(self.client.expunge())

    def mailboxes(self):
        return {line.decode().rsplit(" ", 1)[1].strip('"') for line in self._ok(self.client.list())}

    def messages(self, name):
        """UID, modseq, flags and bytes of each."""
        self._ok(self.client.select(name, readonly=True))
        rows = self._ok(self.client.uid("FETCH", "1:*", "(UID FLAGS MODSEQ BODY.PEEK[])"))
        for described, raw in (row for row in rows if isinstance(row, tuple)):
            uid, modseq = (int(re.search(pattern, described)[1]) for pattern in (rb"UID (\d+)", rb"MODSEQ \((\d+)\)"))
            flags = set(re.search(rb"FLAGS \((.*?)\)", described)[1].decode().split()) - {"\\Recent"}
            yield uid, modseq, " ".join(sorted(flags)), raw

    def mail(self):
        """{mailbox: {subject: (flags, content)}}"""
        return {name: {subject_of(raw): (flags, content(raw)) for _, _, flags, raw in self.messages(name)}
                for name in self.mailboxes()}

    def everything(self):
        """What changes with any change: UIDs, modification sequences, what STATUS counts."""
        items = "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
        return [(name, self._ok(self.client.status(name, items)), list(self.messages(name)))
                for name in sorted(self.mailboxes())]


class Maildirs:
    """The same mail as a tree of Maildir folders. `spelled` is how the program writes a mailbox's name there."""

    LETTERS = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S"}

    def __init__(self, root, spelled=on_the_wire):
        self.root, self.spelled = root, spelled

    def _letters(self, flags):
        return "".join(sorted(self.LETTERS[flag] for flag in flags.split()))

    def _find(self, mailbox, subject):
        found = [path for path in self._files(self.spelled(mailbox)) if subject_of(path.read_bytes()) == subject]
        expect(len(found) == 1, f"{len(found)} files are called {subject}")
        return found[0]

    def _files(self, name):
        return [path for part in ("cur", "new") for path in (self.root / name / part).iterdir()]

    def create(self, mailbox):
        for part in ("cur", "new", "tmp"):
            (self.root / self.spelled(mailbox) / part).mkdir(parents=True)

    def append(self, mailbox, subject, flags=""):
        name = f"1772413200.{subject.replace(' ', '_')}.here:2,{self._letters(flags)}"
        (self.root / self.spelled(mailbox) / "cur" / name).write_bytes(letter(subject).replace(b"\r\n", b"\n"))

    def set_flags(self, mailbox, subject, flags):
        path = self._find(mailbox, subject)
        path.rename(path.parent.parent / "cur" / f"{path.name.split(':')[0]}:2,{self._letters(flags)}")

    def remove(self, mailbox, subject):
        self._find(mailbox, subject).unlink()

    def mail(self):
        flags = {letter: flag for flag, letter in self.LETTERS.items()}

        def flags_of(path):
            return " ".join(sorted(flags[letter] for letter in path.name.partition(":2,")[2]))
        return {name: {subject_of(path.read_bytes()): (flags_of(path), content(path.read_bytes()))
                       for path in self._files(name)}
                for name in (str(cur.parent.relative_to(self.root)) for cur in self.root.rglob("cur"))}

    def everything(self):
        """Every message's file. The program's notes are its own affair: isync 1.5 forgets deletions a run later."""
        return sorted((str(path), path.read_bytes()) for path in self.root.rglob("*")
                      if path.is_file() and path.parent.name in ("cur", "new"))


def wanted(state, spelled=on_the_wire):
    return {spelled(mailbox): {subject: (flags, content(letter(subject))) for subject, flags in messages.items()}
            for mailbox, messages in state.items()}


def expect_same(what, side, state, spelled=on_the_wire):
    mail, right = side.mail(), wanted(state, spelled)
    wrong = {name for name in mail | right if mail.get(name) != right.get(name)}
    expect(not wrong, "".join(f"{what} has in {name} {mail.get(name)} and not {right.get(name)}\n" for name in wrong))


def fill(there):
    for mailbox, messages in BEFORE.items():
        if mailbox not in ("INBOX", *MADE_WITH_THE_ACCOUNT):
            there.create(mailbox)
        for subject, flags in messages.items():
            there.append(mailbox, subject, flags)


def change_both(there, here):
    there.append("INBOX", "from there")
    there.set_flags("INBOX", "one", "\\Flagged")
    there.set_flags("INBOX", "three", "\\Seen \\Answered")
    there.remove("INBOX", "two")
    there.create(NEWS)
    there.append(NEWS, "news")
    here.append("INBOX", "from here", "\\Seen")
    here.set_flags("INBOX", "three", "\\Seen \\Flagged")
    here.set_flags("INBOX", "five", "")
    here.remove("INBOX", "four")
    here.remove(ARCHIVE, "older")
    here.create(DRAFTS)
    here.append(DRAFTS, "draft", "\\Draft")


def synchronise(there, here, run, listing):
    """The whole flow. `run` synchronises once and gives what the program said; `listing` is what `hongyan` lists.
    Gives what the program said when there was much to do, and when there was nothing."""
    fill(there)
    run()
    expect_same("the first copy", here, BEFORE, here.spelled)
    change_both(there, here)
    busy = run()
    expect_same("this side", here, AFTER, here.spelled)
    expect_same("the server", there, AFTER)
    before = here.everything(), there.everything(), listing()
    idle = run()
    expect((here.everything(), there.everything(), listing()) == before, f"something has changed for no reason: {idle}")
    return busy, idle
