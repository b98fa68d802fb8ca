"""mpop fetches mail into a Maildir, with GnuTLS and GNU SASL."""
from authority import Authority
from harness import expect
from clients.household import BOB, FAILS, HOST, PASSWORD, Home, mails, scram
from clients.maildrop import (MAILS, expect_it_fetches_and_removes, expect_it_keeps_and_fetches_once, fetched,
                              make_maildir, serve_mail)

SETTINGS = """
defaults
host {host}
tls on
tls_trust_file "{authority}"
auth user
user {bob}
password "{password}"
delivery maildir Mail
received_header off

account pop3s
port {pop3s}
tls_starttls off

account pop3
port {pop3}

account forgetful : pop3
password wrong
"""


def home(place, server):
    bob = Home(place, server, "bob")
    make_maildir(bob)
    settings = SETTINGS.format(host=HOST, authority=bob.authority, bob=BOB, password=PASSWORD, **server.ports)
    bob.write(".mpoprc", settings)
    return bob


def test_mpop_keeps_mail_and_fetches_it_once(place):
    bob = home(place, serve_mail(place))
    expect_it_keeps_and_fetches_once(place, bob, lambda: bob.run("mpop", "--keep=on", "pop3"))


def test_mpop_fetches_and_removes_mail(place):
    bob = home(place, serve_mail(place))
    words = ["mpop", "--keep=off", f"--auth={scram(bob, 'mpop', 256)}", "pop3s"]
    expect_it_fetches_and_removes(place, bob, lambda: bob.run(*words))


def test_mpop_logs_in_with_every_mechanism_that_it_has(place):
    bob = home(place, serve_mail(place))
    for mechanism in ("user", "plain", "login", scram(bob, "mpop", 1), scram(bob, "mpop", 256), "on"):
        said = bob.run("mpop", "--status-only", f"--auth={mechanism}", "pop3s")
        expect(f"{len(MAILS)} messages" in said, f"with {mechanism} mpop says {said}")


def test_mpop_logs_in_by_apop_and_cram_md5_and_with_a_certificate(place):
    server = serve_mail(place)
    bob = home(place, server)
    authority = Authority(place, "people")
    certificate = authority.certify("bob", ("email", BOB))
    place.hongyan("account", "passwd", BOB, "--recoverable", input=PASSWORD.encode())
    server.reload(login__recoverable_passwords=True, tls__client_authorities=str(authority.file))
    ways = [["--auth=apop"], ["--auth=cram-md5"],
            ["--auth=external", f"--tls-cert-file={certificate}", f"--tls-key-file={certificate}.key"]]
    for words in ways:
        said = bob.run("mpop", "--status-only", *words, "pop3s")
        expect(f"{len(MAILS)} messages" in said, f"with {words[0]} mpop says {said}")


def test_mpop_says_why_it_fetched_nothing(place):
    bob = home(place, serve_mail(place))
    reasons = [
        (["forgetful"], "[AUTH]"),
        ([f"--auth={scram(bob, 'mpop', 256)}", "forgetful"], "authentication failed"),
        (["--tls-trust-file=/etc/ssl/certs/ca-certificates.crt", "pop3s"], "NOT trusted"),
        (["--tls=off", "pop3"], "[AUTH]"),
    ]
    for words, reason in reasons:
        said = bob.run("mpop", "--keep=off", *words, code=FAILS)
        expect(reason in said, f"mpop {' '.join(words)} says {said}")
    expect(fetched(bob) == [] and len(mails(place, BOB)) == len(MAILS), "mpop has fetched something")
