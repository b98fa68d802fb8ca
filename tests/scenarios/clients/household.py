"""What the scenarios with mail programs share: two accounts, a home folder for a program, and a Chinese letter."""
import email.message
import email.policy
import imaplib
import os
import pathlib
import pwd
import shutil
import subprocess

from harness import PATIENCE, Skipped, expect

ANN, BOB, FAR = "ann@example.test", "bob@example.test", "far@elsewhere.test"
PASSWORD = "correct horse"
HOST = "localhost"  # a name in the server's certificate
FAILS, ANY = range(1, 256), range(256)  # exit codes

SUBJECT = "会议通知：鸿雁季度总结"
TEXT = "各位同事：请于明天下午三点参加会议。"
FILE_NAME = "季度报告（最终版）.pdf"
FILE = b"%PDF-1.4\n" + bytes(range(256)) + b"\n%%EOF\n"


def letter(to=BOB):
    """The letter as a program that builds mail would write it, for those that only carry mail."""
    message = email.message.EmailMessage(email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = f"安 <{ANN}>", to, SUBJECT
    message["Date"], message["Message-ID"] = "Mon, 02 Mar 2026 09:00:00 +0800", "<letter@example.test>"
    message.set_content(TEXT)
    message.add_attachment(FILE, "application", "pdf", filename=FILE_NAME)
    message.set_boundary("letter")
    return bytes(message)


def serve(place, settings=None, recoverable=False):
    """A server at which Ann and Bob have accounts; `recoverable` ones are kept as CRAM-MD5 and APOP need them."""
    place.hongyan("domain", "add", ANN.split("@")[1])
    for account in (ANN, BOB):
        words = ["--recoverable"] if recoverable else []
        place.hongyan("account", "add", account, *words, input=PASSWORD.encode() + b"\n")
    return place.serve((settings or {}) | {"login.recoverable_passwords": recoverable})


class Home:
    """A person's home folder: settings of mail programs, and the files that they read and write."""

    def __init__(self, place, server, person):
        self.server, self.folder = server, place.folder / person
        self.folder.mkdir(mode=0o700)
        self.authority = server.data / "ca.pem"

    def write(self, name, content):
        """A file that only its owner may read, as programs want it of files with passwords."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o600)
        return path

    def read(self, name):
        path = self.folder / name
        expect(path.exists(), f"{name} is not among {[file.name for file in path.parent.iterdir()]}")
        return path.read_bytes()

    def environment(self, changes):
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        return kept | {"HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm",
                       "USER": pwd.getpwuid(os.getuid()).pw_name} | changes

    def run(self, *command, input=b"", code=(0,), patience=PATIENCE, **environment):
        """What the program wrote, errors last, when it has ended with one of the codes within so many seconds."""
        words = [find(command[0]), *map(str, command[1:])]
        input = input if isinstance(input, bytes) else input.encode()
        done = subprocess.run(words, input=input, capture_output=True, timeout=patience, cwd=self.folder,
                              env=self.environment(environment))
        wrote = (done.stdout + done.stderr).decode(errors="replace")
        expect(done.returncode in code, f"{command[0]} ended with {done.returncode}: {wrote}")
        return wrote


def node(person, script, input=""):
    """What a script beside the scenarios prints; it may use the modules of tools/fetch-node-modules."""
    modules = os.environ.get("HONGYAN_NODE")
    if not modules:
        raise Skipped("HONGYAN_NODE is not set; ./check sets it")
    path = pathlib.Path(__file__).with_name(script)
    return person.run("node", path, input=input, NODE_PATH=f"{modules}/node_modules")


def find(program):
    """Where the program is. Some live in folders that only root has in the path."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        raise Skipped(f"{program} is not installed")
    return found


def scram(home, program, digest):
    """SCRAM as msmtp or mpop has it: GNU SASL does not log in without a binding where it has been given one."""
    name = f"scram-sha-{digest}"
    return f"{name}-plus" if f"{name}-plus" in home.run(program, "--version") else name


def mails(place, account):
    return place.listing("message", "list", account)


def raw(place, account, uid=1):
    return place.hongyan("message", "show", "--raw", account, uid)


def imap(server, account=BOB):
    """Python's client, logged in, with INBOX selected."""
    client = imaplib.IMAP4_SSL(HOST, server.ports["imaps"], ssl_context=server.trust(), timeout=PATIENCE)
    client.login(account, PASSWORD)
    client.select()
    return client


def found_by_imap(server, subject, account=BOB):
    """The UIDs of the messages in INBOX that have the text in their subjects."""
    client = imap(server, account)
    client.literal = subject.encode()
    status, found = client.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT")
    expect(status == "OK", f"SEARCH: {status} {found}")
    client.logout()
    return [int(uid) for uid in found[0].split()]


def expect_the_letter(place, server, copies=1):
    """Bob has the letter so many times and nothing else: each is found by its subject both ways, and its text and its
    attachment are as Ann gave them away."""
    uids = [row["uid"] for row in mails(place, BOB)]
    expect(len(uids) == copies, f"Bob has {len(uids)} messages, not {copies}")
    for part in (SUBJECT, SUBJECT[5:9]):
        expect(found_by_imap(server, part) == uids, f"SEARCH SUBJECT does not find {part}")
        found = [row["uid"] for row in place.listing("message", "search", BOB, "--subject", part)]
        expect(found == uids, f"message search --subject {part} finds {found}")
    for uid in uids:
        expect(TEXT in place.hongyan("message", "show", BOB, uid).decode(), "the text has changed")
        parts = {part["name"]: part["part"] for part in place.listing("message", "show", BOB, uid, "--structure")}
        expect(FILE_NAME in parts, f"the attachment's name is not among {list(parts)}")
        content = place.hongyan("message", "show", BOB, uid, "--part", parts[FILE_NAME])
        expect(content == FILE, "the attachment has changed")


def expect_nothing_sent(place):
    """Bob has no mail, and nothing waits to be sent on."""
    expect(mails(place, BOB) == [], "Bob has mail")
    expect(place.listing("queue", "list") == [], "something waits to be sent")
