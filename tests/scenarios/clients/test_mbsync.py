"""mbsync (isync) keeps a tree of Maildirs and the server the same, with OpenSSL."""
import re

from harness import expect
from clients.both_sides import BEFORE, Maildirs, Remote, expect_same, fill, on_the_wire, synchronise
from clients.household import ANN, FAILS, HOST, PASSWORD, Home, mails, serve

SETTINGS = """
IMAPAccount server
Host {host}
Port {port}
User {ann}
Pass "{password}"
SSLType {tls}
SystemCertificates no
CertificateFile {authority}

IMAPStore there
Account server

MaildirStore here
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :there:
Near :here:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
CopyArrivalDate yes
"""


def home(place, server, tls="IMAPS", password=PASSWORD, authority=None, folder="ann"):
    ann = Home(place, server, folder)
    (ann.folder / "mail").mkdir()
    port = server.ports["imaps" if tls == "IMAPS" else "imap"]
    ann.write(".mbsyncrc", SETTINGS.format(host=HOST, port=port, ann=ANN, password=password, tls=tls,
                                           authority=authority or ann.authority, folder=ann.folder))
    return ann


def mbsync(ann, *words, **options):
    return ann.run("mbsync", "-c", ann.folder / ".mbsyncrc", *words, "-a", **options)


def maildirs(ann):
    """Names of mailboxes are decoded there since isync 1.5."""
    version = re.search(r"(\d+)\.(\d+)", mbsync(ann, "--version")).groups()
    return Maildirs(ann.folder / "mail", str if tuple(map(int, version)) >= (1, 5) else on_the_wire)


def changes(said):
    return [command for command in re.findall(r">>> \d+ (.*)", said)
            if re.search("APPEND|STORE|EXPUNGE|COPY|CREATE|BODY", command)]


def test_mbsync_keeps_both_sides_the_same(place):
    server = serve(place)
    ann = home(place, server)
    with Remote(server) as there:
        busy, idle = synchronise(there, maildirs(ann), lambda: mbsync(ann, "-Dn"), lambda: mails(place, ANN))
    expect(changes(busy), f"mbsync does not show its commands: {busy}")
    expect(not changes(idle), f"mbsync has copied or changed something: {changes(idle)}")


def test_mbsync_begins_tls_by_starttls(place):
    server = serve(place)
    ann = home(place, server, "STARTTLS")
    with Remote(server) as there:
        fill(there)
    said = mbsync(ann, "-Dn")
    expect("STARTTLS" in said, f"mbsync has not begun TLS: {said}")
    copy = maildirs(ann)
    expect_same("the copy", copy, BEFORE, copy.spelled)


def test_mbsync_says_why_it_was_refused(place):
    server = serve(place)
    for number, (wrong, reason) in enumerate((({"password": "wrong"}, "AUTHENTICATIONFAILED"),
                                              ({"authority": "/etc/ssl/certs/ca-certificates.crt"}, "local issuer certificate"))):
        ann = home(place, server, folder=f"ann{number}", **wrong)
        said = mbsync(ann, "-Dn", code=FAILS)
        expect(reason in said, f"mbsync says {said}")
