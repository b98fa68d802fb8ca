"""curl submits mail, also such as it has put together itself, with every byte of its names as it stands in UTF-8."""
from harness import expect
from clients.household import (ANN, BOB, FAILS, FAR, FILE, FILE_NAME, HOST, PASSWORD, SUBJECT, TEXT, Home,
                               expect_nothing_sent, expect_the_letter, letter, mails, raw, serve)

ZHANG = "张三@example.test"
UPLOAD = ("--upload-file", "-")


def curl(ann, service, *words, to=BOB, password=PASSWORD, authority=None, **options):
    scheme = "smtps" if service == "submissions" else "smtp"
    return ann.run("curl", "-sS", "--ssl-reqd", "--cacert", authority or ann.authority, "--user", f"{ANN}:{password}",
                   "--mail-from", ANN, "--mail-rcpt", to, f"{scheme}://{HOST}:{ann.server.ports[service]}/client.test",
                   *words, input=letter(), **options)


def test_curl_submits_over_implicit_tls_and_starttls(place):
    server = serve(place)
    ann = Home(place, server, "ann")
    for service, mechanism in (("submissions", "PLAIN"), ("submission", "LOGIN")):
        curl(ann, service, "--login-options", f"AUTH={mechanism}", *UPLOAD)
    expect_the_letter(place, server, copies=2)
    for row in mails(place, BOB):
        expect(raw(place, BOB, row["uid"]).endswith(letter()), "the message has changed on its way")


def test_curl_puts_a_letter_together(place):
    server = serve(place)
    place.hongyan("account", "add", ZHANG, input=PASSWORD.encode() + b"\n")
    ann = Home(place, server, "ann")
    ann.write(FILE_NAME, FILE)
    for to in (BOB, ZHANG):
        curl(ann, "submission", "-H", f"From: {ANN}", "-H", f"To: {to}", "-H", f"Subject: {SUBJECT}",
             "-F", f"={TEXT};type=text/plain; charset=utf-8", "-F", f"file=@{FILE_NAME};encoder=base64", to=to)
    expect_the_letter(place, server)
    expect(b"with UTF8SMTPSA" in raw(place, ZHANG), "it came without SMTPUTF8")


def test_curl_says_why_nothing_was_sent(place):
    ann = Home(place, serve(place), "ann")
    others = "/etc/ssl/certs/ca-certificates.crt"
    for service, options, reason in (("smtp", {"to": FAR}, "550"),
                                     ("submission", {"password": "wrong"}, "Login denied"),
                                     ("submissions", {"authority": others}, "SSL certificate problem")):
        said = curl(ann, service, *UPLOAD, code=FAILS, **options)
        expect(reason in said, f"curl says {said}")
    expect_nothing_sent(place)
