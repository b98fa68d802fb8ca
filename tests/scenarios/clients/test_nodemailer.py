"""nodemailer, the library with which programs in JavaScript send mail (see tools/fetch-node-modules)."""
import base64
import json
import pathlib

from harness import expect
from clients.household import (ANN, BOB, FAR, FILE, FILE_NAME, HOST, PASSWORD, SUBJECT, TEXT, Home, expect_nothing_sent,
                               expect_the_letter, mails, node, raw, serve)

ZHANG = "张三@example.test"


def send(ann, *jobs):
    """What became of each mail of the jobs (see nodemailer.js)."""
    return json.loads(node(ann, "nodemailer.js", json.dumps(jobs)))


def transport(ann, service, method="PLAIN", password=PASSWORD, authority=None, **options):
    """`requireTLS` sends nothing in plain text, whatever the server offers."""
    return {"host": HOST, "port": ann.server.ports[service], "name": "client.test", "secure": service == "submissions",
            "requireTLS": True, "tls": {"ca": (authority or ann.authority).read_text()},
            "auth": {"user": ANN, "pass": password}, "authMethod": method} | options


def mail(to=BOB, dsn=None):
    attachment = {"filename": FILE_NAME, "content": base64.b64encode(FILE).decode(), "encoding": "base64"}
    return {"from": f"安 <{ANN}>", "to": to, "subject": SUBJECT, "text": TEXT, "attachments": [attachment], "dsn": dsn}


def test_nodemailer_sends_over_implicit_tls_and_starttls(place):
    server = serve(place, recoverable=True)
    ann = Home(place, server, "ann")
    pool = transport(ann, "submissions", pool=True, maxConnections=1)
    replies = send(ann, [transport(ann, "submission", "LOGIN"), mail()],
                   [transport(ann, "submission", "CRAM-MD5"), mail()], [pool, mail(), mail()])
    expect(all(reply.startswith("250 2.0.0") for reply in replies), f"nodemailer says {replies}")
    expect_the_letter(place, server, copies=4)
    expect(server.log().count("connected service=submissions") == 1, "the connection was not used for both messages")


def test_nodemailer_sends_to_a_chinese_address_and_asks_for_notifications(place):
    server = serve(place)
    place.hongyan("account", "add", ZHANG, input=PASSWORD.encode() + b"\n")
    ann = Home(place, server, "ann")
    dsn = {"id": "letter 1", "return": "headers", "notify": ["failure", "delay"], "recipient": ANN}
    replies = send(ann, [transport(ann, "submission"), mail(ZHANG), mail(FAR, dsn=dsn)])
    expect(all(reply.startswith("250 2.0.0") for reply in replies), f"nodemailer says {replies}")
    expect([row["subject"] for row in mails(place, ZHANG)] == [SUBJECT], "Zhang has no mail")
    expect(b"with UTF8SMTPSA" in raw(place, ZHANG), "it came without SMTPUTF8")
    (waiting,) = place.listing("queue", "list")
    (asked,) = place.listing("queue", "show", waiting["id"])
    expect(asked["notify"] == "FAILURE,DELAY" and asked["original"] == f"rfc822;{ANN}", f"it asks for {asked}")


def test_nodemailer_says_why_nothing_was_sent(place):
    ann = Home(place, serve(place), "ann")
    others = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    reasons = [
        (transport(ann, "smtp", auth=None), mail(FAR), "550 5.7.1"),
        (transport(ann, "submission", auth=None), mail(), "530 5.7.0"),
        (transport(ann, "submissions", password="wrong"), mail(), "535 5.7.8"),
        (transport(ann, "submissions"), mail() | {"from": BOB}, "550 5.7.1"),
        (transport(ann, "submissions"), mail("nobody@example.test"), "550 5.1.1"),
        (transport(ann, "submissions", authority=others), mail(), "unable to verify"),
    ]
    for outcome, (_, _, reason) in zip(send(ann, *(job[:2] for job in reasons)), reasons, strict=True):
        expect(reason in outcome, f"nodemailer says {outcome}, not {reason}")
    expect_nothing_sent(place)
