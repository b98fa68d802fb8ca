"""swaks, with which people try out servers, submits mail and shows every reply; with Perl's TLS."""
from harness import expect
from clients.household import (ANN, BOB, FAILS, FAR, HOST, PASSWORD, Home, expect_nothing_sent, expect_the_letter,
                               letter, mails, raw, serve)


def swaks(ann, service, *words, to=BOB, password=PASSWORD, authority=None, **options):
    return ann.run("swaks", "--server", HOST, "--port", ann.server.ports[service], "--ehlo", "client.test",
                   "--tls-on-connect" if service == "submissions" else "--tls", "--tls-verify",
                   "--tls-ca-path", authority or ann.authority, "--from", ANN, "--to", to, "--auth-user", ANN,
                   "--auth-password", password, "--data", "-", *words, input=letter(), **options)


def test_swaks_submits_over_implicit_tls_and_starttls(place):
    server = serve(place, recoverable=True)
    ann = Home(place, server, "ann")
    for service, mechanism in (("submissions", "PLAIN"), ("submission", "LOGIN"), ("submission", "CRAM-MD5")):
        swaks(ann, service, "--auth", mechanism)
    expect_the_letter(place, server, copies=3)
    for row in mails(place, BOB):  # swaks adds an empty line
        expect(raw(place, BOB, row["uid"]).endswith(letter() + b"\r\n"), "the message has changed on its way")


def test_swaks_shows_why_nothing_was_sent(place):
    ann = Home(place, serve(place), "ann")
    others = "/etc/ssl/certs/ca-certificates.crt"
    for service, words, options, reason in (
            ("smtp", ["--auth-optional"], {"to": FAR}, "550 5.7.1"),
            ("submission", ["--auth-optional", "NTLM"], {}, "530 5.7.0"),
            ("submission", ["--auth", "PLAIN"], {"password": "wrong"}, "535 5.7.8"),
            ("submissions", ["--auth", "PLAIN", "--from", BOB], {}, "550 5.7.1"),
            ("submissions", ["--auth", "PLAIN"], {"authority": others}, "TLS startup failed")):
        said = swaks(ann, service, *words, code=FAILS, **options)
        expect(reason in said, f"swaks shows {said}")
    expect_nothing_sent(place)
