"""Hosts that misbehave in every way we know: for each message exactly one right outcome, and nothing twice.

All are played at once, each on an address of its own; each is one row: what its host says in its first connection and
in those after it, and what must come of it.
"""
import dataclasses
import re
import ssl

from authority import Authority
from harness import expect
from outbound.house import ANN, LI, House, letter
from scripted_peer import (drip, drop, no_tls, swallow, take_and_drop, take_say_and_drop, tls, without_end)

DECENT = {}
TEXT = "Grüße aus der Ferne."


@dataclasses.dataclass
class Row:
    name: str
    scripts: list  # one for each connection; the last stays
    status: str = ""  # of the bounce, as a pattern; empty: it is delivered
    said: str = ""  # what the notification quotes of the host
    taken: int = 1  # how often the host has it in the end
    tries: int = 0  # how many attempts end with "deferred" first
    secure: bool = False  # by TLS
    recipients: tuple = ("carol",)
    options: tuple = ("BODY=8BITMIME",)
    refused: tuple = ()  # of the recipients those whom the notification is about; nobody said: all
    taken_for: tuple = ()  # the recipients of each message that was taken; nothing said: all of one


def put_off(stage, says):
    """Once, and then all is well."""
    return Row(f"{stage} {str(says)[:30]}", [{stage: says}, DECENT], tries=1)


def refused(stage, says, status):
    said = says if "\r\n" not in says else "lives here"
    return Row(f"{stage} {says[:30]}", [{stage: says}], status=status, said=said, taken=0)


DELIVERED = [
    Row("as it should be", [DECENT]),
    Row("greeting of several lines", [{"greeting": "220-Welcome\r\n220-to\r\n220 this host"}]),
    Row("knows no EHLO", [{"EHLO": "502 5.5.1 What?"}]),
    Row("knows no EHLO, and is old", [{"EHLO": "500 What?", "MAIL": "250 ok", "RCPT": "250 ok", "message": "250 ok"}]),
    Row("has no extensions", [{"extensions": []}]),
    Row("has no PIPELINING", [{"extensions": ["8BITMIME", "ENHANCEDSTATUSCODES"]}]),
    Row("has no 8BITMIME", [{"extensions": ["PIPELINING", "SIZE"]}]),
    Row("SIZE without a number", [{"extensions": ["SIZE", "8BITMIME"]}]),
    Row("slow", [{"greeting": drip("220-slow\r\n220 but sure"), "MAIL": drip("250 Ok"), "RCPT": drip("250 Ok")}]),
    Row("line ends without CR", [{"greeting": b"220 peer.test\n", "MAIL": b"250 Ok\n", "message": b"250 Ok\n"}]),
    Row("251", [{"RCPT": "251 2.1.5 Not here; will forward"}]),
    Row("252", [{"RCPT": "252 2.1.5 Cannot say, will try"}]),
    Row("goes right after the message", [{"message": take_say_and_drop}]),
    Row("goes without a farewell", [{"QUIT": drop}]),
    Row("farewell that is none", [{"QUIT": b"\xff\xfe\r\n"}]),
    Row("454 to STARTTLS", [{"STARTTLS": "454 4.7.0 Not now"}]),
    Row("no TLS behind STARTTLS", [{"STARTTLS": no_tls}, {"STARTTLS": no_tls}]),
    Row("gone after STARTTLS", [{"STARTTLS": drop}, DECENT], tries=None),
]
# Each at every stage: the connection breaks, 421, 4yz, and what is no reply at all.
STAGES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "message")
PUT_OFF = [
    *(put_off(stage, drop) for stage in STAGES),
    *(put_off(stage, "421 4.3.2 Closing") for stage in STAGES),
    *(put_off(stage, "451 4.3.0 Try later") for stage in STAGES),
    *(put_off(stage, "nonsense") for stage in STAGES),
    put_off("greeting", "554 5.7.1 You are not welcome"),
    Row("EHLO and HELO 550", [{"EHLO": "550 No", "HELO": "550 5.7.1 Never"}, DECENT], tries=1),
    put_off("RCPT", "450 Busy"),
    put_off("RCPT", "452 4.2.2 Full"),
    put_off("RCPT", "350 Go on"),
    put_off("DATA", "250 I take it that you said something"),
    put_off("DATA", swallow(200)),
    put_off("message", "354 More"),
    put_off("message", b"451-One\r\n250-Other\r\n999 Third\r\n"),
    put_off("greeting", b"\x00\xff\x80" * 100 + b"\r\n"),
    put_off("MAIL", b"250-a\r\n" * 500 + b"250 b\r\n"),
    put_off("greeting", without_end(b"220-on and on\r\n")),
    put_off("EHLO", without_end(b"250-X-ON-AND-ON\r\n")),
    put_off("RCPT", without_end(b"250 on and on ")),
    put_off("message", without_end(b"250-on and on\r\n")),
]
LOST = [
    # RFC 5321 §4.5.3.2.6: who has not heard the last reply must send again.
    Row("the last reply is lost", [{"message": take_and_drop}, DECENT], taken=2, tries=1),
]
REFUSED = [
    refused("MAIL", "550 5.7.1 We do not like you", "5.7.1"),
    refused("MAIL", "553 5.1.8 No such sender", "5.1.8"),
    refused("RCPT", "550 5.1.1 No such user", "5.1.1"),
    refused("RCPT", "550 No such user", r"5\.1\.1|5\.0\.0"),
    refused("RCPT", "550-5.1.1 Nobody of this name\r\n550 5.1.1 lives here", "5.1.1"),
    refused("DATA", "554 5.7.0 Not from you", "5.7.0"),
    refused("message", "552 5.3.4 Too large after all", "5.3.4"),
    refused("message", "554 5.6.0 What is this?", "5.6.0"),
    refused("message", "550 Spam", r"5\..*"),
    Row("SIZE too small", [{"extensions": ["SIZE 100", "8BITMIME"]}], r"5\.3\.4", taken=0),
]
SOME = [
    Row("one of two is refused", [{"RCPT": ["250 2.1.5 Ok", "550 5.1.1 No such user"]}], "5.1.1",
        "550 5.1.1 No such user", recipients=("carol", "dave"), refused=("dave",), taken_for=(("carol",),)),
    Row("one of two is put off", [{"RCPT": ["450 4.2.1 Busy", "250 2.1.5 Ok"]}, DECENT], recipients=("carol", "dave"),
        tries=None, taken=2, taken_for=(("dave",), ("carol",))),
    Row("room for two of five", [{"RCPT": ["250 Ok", "250 Ok", "452 4.5.3 Too many"]}, DECENT], tries=None, taken=None,
        recipients=("a", "b", "c", "d", "e")),
    Row("all are refused but DATA", [{"RCPT": "550 5.1.1 No such user", "DATA": "354 For nobody?"}], "5.1.1",
        "550 5.1.1 No such user", taken=0, recipients=("carol", "dave")),
]
INTERNATIONAL = [
    Row("SMTPUTF8", [DECENT], recipients=("收件",), options=("BODY=8BITMIME", "SMTPUTF8")),
    Row("no SMTPUTF8", [{"extensions": ["8BITMIME", "PIPELINING"]}], "5.6.7", taken=0, recipients=("收件",),
        options=("BODY=8BITMIME", "SMTPUTF8")),
]


def tls_rows(place):
    """Certificates that prove nothing: better than none, where nobody demands more (RFC 7435)."""
    authority = Authority(place, "authority")
    good = authority.certify("other", ("DNS", "other.test"), usage="serverAuth")
    past = authority.certify_for_yesterday("past")
    return [Row(name, [{"STARTTLS": tls(context_of(file))}], secure=True)
            for name, file in (("certificate of another name", good), ("expired certificate", past))]


def context_of(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def subject_of(number):
    return f"Message {number} of many"


def domain_of(number):
    return f"host{number}.test"


def recipients_of(row, number):
    return [f"{name}@{domain_of(number)}" for name in row.recipients]


def test_every_misbehaviour_has_exactly_one_right_outcome(place):
    with House(place) as house:
        rows = [*DELIVERED, *PUT_OFF, *LOST, *REFUSED, *SOME, *INTERNATIONAL, *tls_rows(place)]
        peers = [house.mail_host(domain_of(n), f"127.1.0.{n}", *row.scripts) for n, row in enumerate(rows, 1)]
        house.start()
        for number, row in enumerate(rows, 1):
            house.submit(*recipients_of(row, number), message=letter(subject_of(number), TEXT), options=row.options)
        told = house.settled(*(who for n, row in enumerate(rows, 1) for who in recipients_of(row, n)))
        house.expect_empty_queue()
        reports = {}
        for report in house.reports():
            report.expect_to_be_ours()
            for who in report.recipients:
                expect(who not in reports, f"{who} is told of twice")
                reports[who] = report
        problems = [text for n, (row, peer) in enumerate(zip(rows, peers), 1)
                    for text in complaints(row, n, peer, told, reports)]
        expect(not problems, "\n".join(problems))


def complaints(row, number, peer, told, reports):
    """What is wrong with the outcome of a row, in words."""
    refused_ones = (row.refused or row.recipients) if row.status else ()
    bounced = [f"{name}@{domain_of(number)}" for name in refused_ones]
    for who in recipients_of(row, number):
        events = [event["event"] for event in told[who]]
        expected = ["deferred"] * row.tries if row.tries is not None else [e for e in events if e == "deferred"]
        expected.append("bounced" if who in bounced else "sent")
        if events != expected:
            yield f"{row.name}: {who}: {told[who]}"
        if (who in bounced) != (who in reports):
            yield f"{row.name}: {who}: {'no' if who in bounced else 'a'} notification"
        elif who in bounced:
            yield from complaints_about_report(row, number, who, reports[who])
    yield from complaints_about_peer(row, number, peer)


def complaints_about_report(row, number, who, report):
    diagnostic = f"smtp;.*{re.escape(row.said)}" if row.said else "x-hongyan;.*"
    fields = {"Action": "failed", "Status": row.status, "Diagnostic-Code": diagnostic}
    for name, pattern in fields.items():
        value = report.field(who, name).replace("smtp; ", "smtp;")
        if not re.fullmatch(pattern, value):
            yield f"{row.name}: {name} is {value!r}, not {pattern!r}"
    if who not in report.text or subject_of(number) not in str(report.message["Subject"]):
        yield f"{row.name}: the text is not about it: {report.message['Subject']}: {report.text}"


def complaints_about_peer(row, number, peer):
    yield from (f"{row.name}: {complaint}" for complaint in peer.complaints)
    if row.taken is not None and len(peer.taken) != row.taken:
        yield f"{row.name}: the host has it {len(peer.taken)} times, not {row.taken}: {peer.heard}"
    have = [tuple(re.match(r"RCPT TO:<([^>]*)@", line, re.I)[1] for line in rcpts) for _, rcpts, _ in peer.taken]
    if row.taken_for and tuple(have) != row.taken_for:
        yield f"{row.name}: it has it for {have}, not {row.taken_for}"
    if row.taken is None and sorted(name for names in have for name in names) != sorted(row.recipients):
        yield f"{row.name}: it has it for {have}, not once for each of {row.recipients}"
    for _, _, text in peer.taken:
        if f"Subject: {subject_of(number)}\r\n".encode() not in text:
            yield f"{row.name}: it has something else: {text!r}"
        if not text.isascii() and not any(takes_eight_bits(script) for script in row.scripts):
            yield f"{row.name}: eight bits go where seven are taken"
    if row.secure and not all(peer.secure):
        yield f"{row.name}: not by TLS"


def test_who_takes_some_messages_and_closes_gets_the_next_at_once(place):
    with House(place) as house:
        some = {"MAIL": ["250 2.1.0 Ok", "250 2.1.0 Ok", "421 4.7.0 Too many messages"]}
        peers = [house.mail_host("one.test", "127.1.0.1", {"message": take_say_and_drop}),
                 house.mail_host("two.test", "127.1.0.2", some)]
        house.start()
        recipients = [f"r{number}@{domain}.test" for number in range(20) for domain in ("one", "two")]
        with house.mail_program() as client:
            for recipient in recipients:
                house.hand_in(client, [recipient], letter(recipient))
        told = house.settled(*recipients)
        # A message of which nothing was said before the connection ended was not tried (RFC 5321 §3.8).
        events = [event["event"] for who in recipients for event in told[who]]
        expect(events == ["sent"] * len(recipients), f"none is put off: {told}")
        expect([len(peer.taken) for peer in peers] == [20, 20], f"each comes once: {[p.taken for p in peers]}")
        house.expect_empty_queue()


def takes_eight_bits(script):
    return "EHLO" not in script and "8BITMIME" in script.get("extensions", ["8BITMIME"])


def test_li_reads_in_chinese_why_it_failed(place):
    with House(place) as house:
        house.mail_host("far.test", "127.1.0.1", {"RCPT": "550 5.1.1 No such user"})
        house.start()
        for sender, recipient, words in ((ANN, "one@far.test", "Nobody has this address there."),
                                         (LI, "two@far.test", "对方没有这个邮箱地址。")):
            house.submit(recipient, sender=sender, message=letter("Report of the quarter", sender=sender))
            house.settled(recipient)
            report, = house.reports(sender)
            expect(words in report.text, f"{sender} reads {report.text}")
            expect([report.field(recipient, name) for name in ("Action", "Status")] == ["failed", "5.1.1"], report)
            expect(report.returned.get_content_type() == "message/rfc822", "a short message comes back whole")
