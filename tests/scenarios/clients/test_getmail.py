"""getmail6 fetches mail by POP3 and IMAP, with Python's TLS, and gives it to a program."""
from harness import expect
from clients.household import ANY, BOB, HOST, PASSWORD, Home, mails
from clients.maildrop import (MAILS, expect_it_fetches_and_removes, expect_it_keeps_and_fetches_once, fetched,
                              make_maildir, serve_mail)

SETTINGS = """
[retriever]
type = {kind}
server = {host}
port = {port}
username = {bob}
password = {password}
ca_certs = {authority}
{words}

[destination]
type = MDA_external
path = /bin/sh
arguments = ("{folder}/deliver",)
unixfrom = false
allow_root_commands = true

[options]
delete = {delete}
read_all = false
delivered_to = false
received = false
"""

# getmail adds these two fields whatever it is told.
DELIVER = """exec sed -e '1{/^Return-Path: <unknown>$/d}' -e '/^X-getmail-retrieved-from-mailbox: INBOX$/d' \\
    >"$(mktemp "$HOME/Mail/new/XXXXXXXX")"
"""

POP3S, IMAPS = ("SimplePOP3SSLRetriever", "pop3s"), ("SimpleIMAPSSLRetriever", "imaps")


def home(place, server):
    bob = Home(place, server, "bob")
    make_maildir(bob)
    bob.write("deliver", DELIVER)
    return bob


def getmail(bob, protocol, delete=False, password=PASSWORD, authority=None, words="", code=(0,)):
    kind, service = protocol
    settings = SETTINGS.format(kind=kind, host=HOST, port=bob.server.ports[service], bob=BOB, password=password,
                               authority=authority or bob.authority, folder=bob.folder, delete=delete, words=words)
    bob.write("getmail/getmailrc", settings)
    return bob.run("getmail", "--getmaildir", bob.folder / "getmail", code=code)


def test_getmail_keeps_mail_and_fetches_it_once_by_pop3(place):
    bob = home(place, serve_mail(place))
    expect_it_keeps_and_fetches_once(place, bob, lambda: getmail(bob, POP3S))


def test_getmail_keeps_mail_and_fetches_it_once_by_imap(place):
    bob = home(place, serve_mail(place))
    expect_it_keeps_and_fetches_once(place, bob, lambda: getmail(bob, IMAPS))


def test_getmail_fetches_and_removes_mail_by_pop3_with_apop(place):
    bob = home(place, serve_mail(place, recoverable=True))
    expect_it_fetches_and_removes(place, bob, lambda: getmail(bob, POP3S, delete=True, words="use_apop = true"))


def test_getmail_fetches_and_removes_mail_by_imap(place):
    bob = home(place, serve_mail(place))
    expect_it_fetches_and_removes(place, bob, lambda: getmail(bob, IMAPS, delete=True))


def test_getmail_says_why_it_fetched_nothing(place):
    bob = home(place, serve_mail(place))
    others = "/etc/ssl/certs/ca-certificates.crt"
    for protocol, wrong, reason in ((POP3S, {"password": "wrong"}, "[AUTH]"),
                                    (IMAPS, {"password": "wrong"}, "AUTHENTICATIONFAILED"),
                                    (POP3S, {"authority": others}, "certificate verify failed"),
                                    (IMAPS, {"authority": others}, "certificate verify failed")):
        said = getmail(bob, protocol, delete=True, code=ANY, **wrong)
        expect(reason in said, f"getmail says {said}")
    expect(fetched(bob) == [] and len(mails(place, BOB)) == len(MAILS), "getmail has fetched something")
