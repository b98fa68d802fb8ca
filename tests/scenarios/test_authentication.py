"""Who sent this? The running server judges mail from outside by names on loopback, and says what it found."""
import json
import smtplib

from harness import HOSTNAME, PATIENCE, expect
from name_server import NameServer
from test_verify import python_dkim

NOT_YET = 75  # EX_TEMPFAIL

LETTER = (b"From: Eve <eve@{domain}>\r\nTo: ann@example.test\r\nSubject: Hello\r\nMessage-ID: <{id}@{domain}>\r\n"
          b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\nHello Ann\r\n")


def letter(domain, name, before=b""):
    return before + LETTER.replace(b"{domain}", domain.encode()).replace(b"{id}", name.encode())


def send(server, domain, message):
    """What the server says of a message from eve of that domain."""
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        try:
            client.sendmail(f"eve@{domain}", ["ann@example.test"], message)
            return 250, ""
        except smtplib.SMTPDataError as refusal:
            return refusal.smtp_code, refusal.smtp_error.decode()


def traced(place, name, count=1):
    """What is told of it, when so much is; refusals are written down behind the client's back."""
    rows = place.listing_when(lambda rows: len(rows) >= count, "trace", name)
    return [(row["event"], row["reply"]) for row in rows]


def test_mail_from_outside_is_judged_as_its_domain_asks(place):
    with NameServer() as names:
        names.add("good.example", "TXT", "v=spf1 ip4:127.0.0.1 -all")
        names.add("bad.example", "TXT", "v=spf1 -all")
        names.add("odd.example", "TXT", "v=spf1 -all")
        names.add("_dmarc.good.example", "TXT", "v=DMARC1; p=reject")
        names.add("_dmarc.bad.example", "TXT", "v=DMARC1; p=reject")
        names.add("_dmarc.odd.example", "TXT", "v=DMARC1; p=quarantine")
        made = place.hongyan("dkim", "make", "bad.example", "k", place.folder / "k.pem", "--type", "ed25519", "--json")
        record = json.loads(made)
        names.add(record["name"], "TXT", record["record"])
        ann = place.make_account()
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "login.plain_networks": ["127.0.0.0/8"]})

        forged = f"Authentication-Results: {HOSTNAME}; dmarc=pass header.from=good.example\r\n".encode()
        expect(send(server, "good.example", letter("good.example", "one", forged)) == (250, ""), "SPF vouches for it")
        raw = place.hongyan("message", "show", ann, 1, "--raw")
        expect(raw.count(b"Authentication-Results:") == 1, f"the forged field is gone: {raw.decode()}")
        expect(b"dmarc=pass (p=reject dis=none)" in raw and b"Received-SPF: pass" in raw, raw.decode())
        expect(raw.index(b"Authentication-Results:") < raw.index(b"Received:"), "what we found stands above our Received")
        found = traced(place, "<one@good.example>")
        expect(("judged", "From good.example, which asks to reject failures; passed by SPF.") in found, found)

        code, words = send(server, "bad.example", letter("bad.example", "two"))
        expect(code == 550 and "5.7.26" in words and "bad.example" in words, (code, words))
        found = traced(place, "<two@bad.example>", 3)
        expect([event for event, _ in found] == ["judged", "judged", "refused"], found)
        expect(any("dmarc-reject: " in reply for _, reply in found), found)

        signed = place.hongyan("dkim", "sign", "bad.example", "k", place.folder / "k.pem",
                               input=letter("bad.example", "three"))
        expect(send(server, "bad.example", signed) == (250, ""), "its signature vouches for it")
        found = traced(place, "<three@bad.example>")
        expect(("judged", "From bad.example, which asks to reject failures; passed by DKIM.") in found, found)

        expect(send(server, "odd.example", letter("odd.example", "four")) == (250, ""), "it is taken")
        boxes = {row["name"]: row["messages"] for row in place.listing("mailbox", "list", ann)}
        expect((boxes["INBOX"], boxes["Junk"]) == (2, 1), f"but as junk: {boxes}")

        server.reload(**{"verify.dmarc": "report"})
        expect(send(server, "bad.example", letter("bad.example", "five")) == (250, ""), "a setting makes it milder")


# From fields that hide whose name is in them, to mail servers or to people.
HIDDEN = (b"ceo@ceo.com\r\nFrom: eve@evil.com", b"ceo@ceo.com\r\nFrom: ceo@ceo.com", b"ceo@ceo.com (Chief", b"ceo@ceo.com <>",
          b"ceo@ceo.com" + b"".join(b", a@d%d.com" % number for number in range(8)), "ceo@\N{GRINNING FACE}.ceo.com".encode())
# Those in which nobody is found whose domain asks for anything.
UNCLEAR = (None, b"eve@evil.com\r\nFrom: eve@evil.com", b"eve", b"=?utf-8?q?ceo=40ceo.com?=", b"Nobody: ;")


def with_author(number, author):
    field = b"" if author is None else b"From: " + author + b"\r\n"
    return field + b"To: ann@example.test\r\nSubject: %d\r\nMessage-ID: <%d@evil.com>\r\n\r\nHello Ann\r\n" % (number, number)


def test_nobody_hides_the_author_from_dmarc(place):
    """RFC 7489 section 6.6.1: what can be read is judged; where nobody can tell who has written it, it does not look well."""
    with NameServer() as names:
        names.add("_dmarc.ceo.com", "TXT", "v=DMARC1; p=reject")
        names.add("evil.com", "TXT", "v=spf1 +all")
        ann = place.make_account()
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "login.plain_networks": ["127.0.0.0/8"]})

        def sent(sender, author, number):
            with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
                try:
                    client.sendmail(sender, [ann], with_author(number, author), ["SMTPUTF8"])
                    return 250
                except smtplib.SMTPDataError as refusal:
                    return refusal.smtp_code
        for number, author in enumerate((b"ceo@ceo.com", *HIDDEN)):
            expect(sent("eve@evil.com", author, number) == 550, author)
        for number, author in enumerate(UNCLEAR, 100):
            expect(sent("eve@evil.com", author, number) == 250, author)
        expect(sent("", None, 200) == 250, "a bounce without a From field")
        boxes = {row["name"]: row["messages"] for row in place.listing("mailbox", "list", ann)}
        expect((boxes["INBOX"], boxes["Junk"]) == (0, len(UNCLEAR) + 1), boxes)
        found = traced(place, "<100@evil.com>")
        words = "unclear-author: Nobody can tell who has written it: the header has 0 From fields, not one"
        expect(any(words in reply for _, reply in found), found)

        server.reload(**{"verify.unclear_author": "reject"})
        expect(sent("eve@evil.com", None, 300) == 550 and sent("", None, 301) == 250, "bounces are junk at most")
        server.reload(**{"verify.unclear_author": "accept"})
        expect(sent("eve@evil.com", None, 302) == 250, "a setting takes it")
        boxes = {row["name"]: row["messages"] for row in place.listing("mailbox", "list", ann)}
        expect((boxes["INBOX"], boxes["Junk"]) == (1, len(UNCLEAR) + 2), boxes)


def test_where_no_name_server_answers_nobody_is_blamed(place):
    place.make_account()
    with NameServer() as names:
        names.broken.add("_dmarc.down.example")
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "verify.patience": "2s"})
        expect(send(server, "down.example", letter("down.example", "one")) == (250, ""), "the letter is taken")
        raw = place.hongyan("message", "show", "ann@example.test", 1, "--raw")
        expect(b"dmarc=temperror" in raw, raw.decode())


def publish(names, keys):
    for key in keys:
        names.add(f"{key['selector']}._domainkey.{key['domain']}", "TXT", key["record"])


def test_keys_sign_what_leaves_and_seal_what_is_passed_on(place):
    with NameServer() as names:
        ann = place.make_account()
        place.hongyan("alias", "add", "away@example.test", "bob@elsewhere.example")
        host, port = names.address.split("@")
        resolver = ["--resolver", f"{host}:{port}"]
        printed = place.hongyan("dkim", "add", "example.test").decode()
        keys = place.listing("dkim", "list")
        expect({key["type"] for key in keys} == {"rsa", "ed25519"}, keys)
        expect(all(key["selector"] in printed and key["state"] == "pending" for key in keys), printed)
        place.hongyan("dkim", "rotate", "example.test", *resolver, code=NOT_YET)
        publish(names, keys)
        place.hongyan("dkim", "rotate", "example.test", *resolver)
        expect({key["state"] for key in place.listing("dkim", "list")} == {"active"}, "they are in use")

        names.add("there.example", "TXT", "v=spf1 ip4:127.0.0.1 -all")
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "login.plain_networks": ["127.0.0.0/8"]})
        with smtplib.SMTP("127.0.0.1", server.ports["submission"], HOSTNAME, PATIENCE) as client:
            client.login(ann, "correct horse")
            client.sendmail(ann, ["carol@far.example"], b"From: Ann <ann@example.test>\r\nSubject: Out\r\n\r\nHello\r\n")
        with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
            client.sendmail("eve@there.example", ["away@example.test"], letter("there.example", "passed"))
        waiting = {row["recipients"][0]: row["id"] for row in place.listing("queue", "list")}

        signed = place.hongyan("queue", "show", waiting["carol@far.example"], "--raw")
        found = json.loads(place.hongyan("dkim", "verify", "--json", *resolver, input=signed))
        expect([each["result"] for each in found["signatures"]] == ["pass", "pass"], found)
        sealed = place.hongyan("queue", "show", waiting["bob@elsewhere.example"], "--raw")
        found = json.loads(place.hongyan("arc", "verify", "--json", *resolver, input=sealed))
        expect((found["result"], found["sealers"]) == ("pass", ["example.test"]), found)
        expect("spf=pass" in found["first_results"], found)

        dkim, text = python_dkim(names)
        expect(dkim.verify(signed, dnsfunc=text), "dkimpy verifies what we sign")
        expect(dkim.arc_verify(sealed, dnsfunc=text)[0] == b"pass", "and what we seal")

        place.hongyan("dkim", "rotate", "example.test")
        expect(len(place.listing("dkim", "list")) == 4, "a second call begins the change to new keys")
        place.hongyan("dkim", "rotate", "example.test", "--force")
        states = sorted(key["state"] for key in place.listing("dkim", "list"))
        expect(states == ["active", "active", "retired", "retired"], states)
        for key in keys:
            place.hongyan("dkim", "retire", "example.test", key["selector"], "--forget")
        expect(len(place.listing("dkim", "list")) == 2, "and what is forgotten is gone")
