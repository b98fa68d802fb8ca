"""OfflineIMAP keeps a tree of Maildirs and the server the same, with Python's imaplib2; its folders have Chinese names."""
import shutil
import subprocess

from harness import expect
from clients.both_sides import BEFORE, Maildirs, Remote, expect_same, fill, synchronise
from clients.household import ANN, FAILS, HOST, PASSWORD, Home, mails, serve

SETTINGS = """
[general]
accounts = ann
metadata = {folder}/state
ui = basic

[Account ann]
localrepository = here
remoterepository = there
utf8foldernames = yes

[Repository here]
type = Maildir
localfolders = {folder}/mail

[Repository there]
type = IMAP
remotehost = {host}
remoteport = {port}
remoteuser = {ann}
remotepass = {password}
ssl = {ssl}
starttls = {starttls}
sslcacertfile = {authority}
auth_mechanisms = {mechanism}
"""
CHANGES = ("Copy message", "Adding flag ", "Deleting flag ", "Deleting 1 messages", "Creating folder")


def home(place, server, service="imaps", password=PASSWORD, authority=None, mechanism="PLAIN", folder="ann"):
    ann = Home(place, server, folder)
    yes_or_no = {True: "yes", False: "no"}
    ann.write(".offlineimaprc", SETTINGS.format(
        folder=ann.folder, host=HOST, port=server.ports[service], ann=ANN, password=password, mechanism=mechanism,
        ssl=yes_or_no[service == "imaps"], starttls=yes_or_no[service == "imap"], authority=authority or ann.authority))
    return ann


def offlineimap(ann, **options):
    return ann.run("offlineimap", "-o", "-c", ann.folder / ".offlineimaprc", **options)


def run_until_its_reader_lives(ann, times=6):
    """imaplib2 asks its reading thread to end with the reply to STARTTLS. When that thread is still at the reply
    before, it ends at once, nobody reads the next one, and the program waits for ever: then it is started again."""
    for _ in range(times - 1):
        try:
            return offlineimap(ann, patience=4)
        except subprocess.TimeoutExpired:
            # It may have been at work after all, on a slow machine: what it has half made would confuse the next.
            for folder in ("state", "mail"):
                shutil.rmtree(ann.folder / folder, ignore_errors=True)
    return offlineimap(ann)


def as_it_is(name):
    return name


def changes(said):
    return {words for words in CHANGES if words in said}


def test_offlineimap_keeps_both_sides_the_same(place):
    server = serve(place)
    ann = home(place, server)
    with Remote(server) as there:
        busy, idle = synchronise(there, Maildirs(ann.folder / "mail", as_it_is), lambda: offlineimap(ann),
                                 lambda: mails(place, ANN))
    expect(changes(busy) == set(CHANGES), f"offlineimap does not tell of its changes: {busy}")
    expect("Finished account" in idle and not changes(idle), f"offlineimap has copied or changed something: {idle}")


def test_offlineimap_begins_tls_by_starttls(place):
    server = serve(place)
    ann = home(place, server, "imap", mechanism="LOGIN")
    with Remote(server) as there:
        fill(there)
    run_until_its_reader_lives(ann)
    expect_same("the copy", Maildirs(ann.folder / "mail", as_it_is), BEFORE, as_it_is)


def test_offlineimap_says_why_it_was_refused(place):
    server = serve(place)
    for number, (wrong, reason) in enumerate((
            ({"password": "wrong"}, "AUTHENTICATIONFAILED"),
            ({"authority": "/etc/ssl/certs/ca-certificates.crt"}, "local issuer certificate"))):
        ann = home(place, server, folder=f"ann{number}", **wrong)
        said = offlineimap(ann, code=FAILS)
        expect(reason in said, f"offlineimap says {said}")
