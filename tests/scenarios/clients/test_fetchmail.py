"""fetchmail fetches mail by POP3 and IMAP, with OpenSSL, and gives it to a program or hands it on by SMTP and LMTP."""
from harness import expect
from clients.household import ANN, BOB, FAILS, HOST, PASSWORD, Home, mails, raw
from clients.maildrop import (MAILS, expect_it_fetches_and_removes, expect_it_keeps_and_fetches_once, fetched,
                              make_maildir, serve_mail)

# "invisible" and "no rewrite": it adds no Received field and leaves addresses as they are.
SETTINGS = """
set invisible
set no bouncemail
poll {host} service {port} protocol {protocol} {uidl} auth {auth}
user "{bob}" password "{password}" {tls} sslcertck sslcertfile "{authority}" no rewrite {words}
"""

GOT_MAIL, NO_MAIL = 0, 1  # fetchmail's exit codes


def home(place, server):
    bob = Home(place, server, "bob")
    make_maildir(bob)
    bob.write("deliver", 'exec cat >"$(mktemp "$HOME/Mail/new/XXXXXXXX")"\n')
    return bob


def fetchmail(bob, service, words, password=PASSWORD, auth="any", authority=None, code=(GOT_MAIL, NO_MAIL)):
    protocol = service.removesuffix("s")
    settings = SETTINGS.format(
        host=HOST, port=bob.server.ports[service], protocol=protocol, bob=BOB, password=password, words=words,
        auth=auth, uidl="uidl" if protocol == "pop3" else "", authority=authority or bob.authority,
        tls="ssl" if service.endswith("s") else "sslproto 'TLS1.2+'")
    bob.write("fetchmailrc", settings)
    return bob.run("fetchmail", "--fetchmailrc", bob.folder / "fetchmailrc", "--idfile", bob.folder / "ids",
                   "--pidfile", bob.folder / "pid", code=code)


def into_maildir(bob):
    return f'mda "/bin/sh {bob.folder}/deliver"'


def test_fetchmail_keeps_mail_and_fetches_it_once(place):
    bob = home(place, serve_mail(place))
    expect_it_keeps_and_fetches_once(place, bob, lambda: fetchmail(bob, "pop3", f"keep {into_maildir(bob)}"))


def test_fetchmail_knows_by_imap_what_was_seen(place):
    bob = home(place, serve_mail(place))
    expect_it_keeps_and_fetches_once(place, bob, lambda: fetchmail(bob, "imap", f"keep {into_maildir(bob)}"))
    expect(all(row["flags"] == ["\\Seen"] for row in mails(place, BOB)), "what was fetched is not seen")


def test_fetchmail_fetches_and_removes_mail_by_pop3_with_cram_md5(place):
    bob = home(place, serve_mail(place, recoverable=True))
    words = f"no keep {into_maildir(bob)}"
    expect_it_fetches_and_removes(place, bob, lambda: fetchmail(bob, "pop3s", words, auth="cram-md5"))


def test_fetchmail_fetches_and_removes_mail_by_imap_with_cram_md5(place):
    bob = home(place, serve_mail(place, recoverable=True))
    words = f"no keep {into_maildir(bob)}"
    expect_it_fetches_and_removes(place, bob, lambda: fetchmail(bob, "imaps", words, auth="cram-md5"))


def test_fetchmail_hands_mail_on_by_smtp_and_lmtp(place):
    server = serve_mail(place)
    bob = home(place, server)
    for service, words in (("smtp", "keep"), ("lmtp", "fetchall no keep lmtp")):
        fetchmail(bob, "pop3s", f'{words} smtphost "127.0.0.1/{server.ports[service]}" smtpname {ANN}', code=[GOT_MAIL])
    got = [raw(place, ANN, row["uid"]) for row in mails(place, ANN)]
    expect(len(got) == 2 * len(MAILS), f"Ann got {len(got)} messages")
    expect(all(one.endswith(sent) for one, sent in zip(got, MAILS + MAILS)), "Ann got something else")
    expect(mails(place, BOB) == [], "what was handed on is still there")


def test_fetchmail_says_why_it_fetched_nothing(place):
    bob = home(place, serve_mail(place))
    words = f"no keep {into_maildir(bob)}"
    others = "/etc/ssl/certs/ca-certificates.crt"
    for service, wrong, reason in (("pop3s", {"password": "wrong"}, "Authorization failure"),
                                   ("imaps", {"password": "wrong"}, "Authorization failure"),
                                   ("pop3s", {"authority": others}, "certificate verify failed"),
                                   ("imap", {"authority": others}, "certificate verify failed")):
        said = fetchmail(bob, service, words, code=FAILS, **wrong)
        expect(reason in said, f"fetchmail says {said}")
    expect(fetched(bob) == [] and len(mails(place, BOB)) == len(MAILS), "fetchmail has fetched something")
