"""msmtp carries mail to the server, with GnuTLS and GNU SASL."""
from authority import Authority
from harness import expect
from clients.household import (ANN, BOB, FAILS, FAR, HOST, PASSWORD, Home, expect_nothing_sent, expect_the_letter,
                               letter, mails, raw, scram, serve)

SETTINGS = """
defaults
host {host}
tls on
tls_trust_file "{authority}"
from {ann}
auth plain
user {ann}
password "{password}"

account submissions
port {submissions}
tls_starttls off

account submission
port {submission}

account forgetful : submission
password wrong

account stranger : submission
auth off

account outside
port {smtp}
auth off
"""


def home(place, server):
    ann = Home(place, server, "ann")
    settings = SETTINGS.format(host=HOST, authority=ann.authority, ann=ANN, password=PASSWORD, **server.ports)
    ann.write(".msmtprc", settings)
    return ann


def test_msmtp_submits_with_every_mechanism_that_it_has(place):
    server = serve(place)
    ann = home(place, server)
    ways = [("submissions", "plain"), ("submission", "login"), ("submissions", scram(ann, "msmtp", 1)),
            ("submission", scram(ann, "msmtp", 256)), ("submission", "on")]
    for account, mechanism in ways:
        ann.run("msmtp", "--account", account, f"--auth={mechanism}", BOB, input=letter())
    expect_the_letter(place, server, copies=len(ways))
    for row in mails(place, BOB):
        expect(raw(place, BOB, row["uid"]).endswith(letter()), "the message has changed on its way")


def test_msmtp_submits_by_cram_md5_and_with_a_certificate(place):
    server = serve(place)
    ann = home(place, server)
    authority = Authority(place, "people")
    certificate = authority.certify("ann", ("email", ANN))
    place.hongyan("account", "passwd", ANN, "--recoverable", input=PASSWORD.encode())
    server.reload(login__recoverable_passwords=True, tls__client_authorities=str(authority.file))
    ways = [("submission", ["--auth=cram-md5"]),
            ("submissions", ["--auth=external", f"--tls-cert-file={certificate}", f"--tls-key-file={certificate}.key"])]
    for account, words in ways:
        ann.run("msmtp", "--account", account, *words, BOB, input=letter())
    expect_the_letter(place, server, copies=len(ways))


def test_msmtp_says_why_nothing_was_sent(place):
    server = serve(place)
    ann = home(place, server)
    reasons = [
        (["--account", "outside", FAR], "550 5.7.1"),
        (["--account", "stranger", BOB], "530 5.7.0"),
        (["--account", "forgetful", BOB], "535 5.7.8"),
        (["--account", "forgetful", f"--auth={scram(ann, 'msmtp', 256)}", BOB], "authentication failed"),
        (["--account", "submissions", "--from=bob@example.test", BOB], "550 5.7.1"),
        (["--account", "submissions", "nobody@example.test"], "550 5.1.1"),
        (["--account", "submissions", "--tls-trust-file=/etc/ssl/certs/ca-certificates.crt", BOB], "NOT trusted"),
    ]
    for words, reason in reasons:
        said = ann.run("msmtp", *words, input=letter(), code=FAILS)
        expect(reason in said, f"msmtp {' '.join(words)} says {said}")
    expect_nothing_sent(place)
