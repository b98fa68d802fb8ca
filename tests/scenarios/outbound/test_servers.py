"""Mail to the servers that most of the world runs, and from them to us."""
import re
import time

from harness import PATIENCE, expect
from outbound import jail
from outbound.house import ANN, House, letter

LARGE = "".join(f"{number:078}\r\n" for number in range(250_000))  # 20 MB


def wait_for_reports(house, count):
    """They come from the other server."""
    deadline = time.monotonic() + PATIENCE
    while len(found := house.reports()) < count:
        expect(time.monotonic() < deadline, f"{count} notifications are expected, not {found}")
        time.sleep(0.1)
    return found


def exchange(place, make, address, tls=True, smtputf8=True):
    """Letters of several kinds to the server; what it says about them comes back."""
    with House(place) as house:
        house.start()
        peer = make(house, address)
        domain = peer.domain
        crowd = [f"r{number}@{domain}" for number in range(100)]
        house.submit(f"carol@{domain}", message=letter("Eight bits", "Grüße, 你好"), options=["BODY=8BITMIME"])
        # RFC 3461: what is wished for is passed on, and done there.
        house.submit(f"dave@{domain}", message=letter("Tell me"), options=["RET=HDRS", "ENVID=letter-1"],
                     wishes=["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;dave@{domain}"])
        house.submit(f"收件@{domain}", message=letter("International", "你好"), options=["SMTPUTF8", "BODY=8BITMIME"])
        house.submit(*crowd, message=letter("To all"))
        house.submit(f"erin@{domain}", message=letter("Large", LARGE))
        told = house.settled(f"carol@{domain}", f"dave@{domain}", f"收件@{domain}", f"erin@{domain}", *crowd)
        international = told.pop(f"收件@{domain}")
        expect(international[-1]["event"] == ("sent" if smtputf8 else "bounced"), international)
        for who, events in told.items():
            expect([event["event"] for event in events] == ["sent"], f"{who}: {events}")
            expect(not tls or events[0]["tls"].startswith("TLSv1.3"), f"{who}: by STARTTLS: {events}")
        found = peer.delivered(103 + smtputf8)
        subjects = [message["Subject"] for message in found]
        expect(subjects.count("To all") == 100 and subjects.count("Large") == subjects.count("Tell me") == 1, subjects)
        large, = (message for message in found if message["Subject"] == "Large")
        expect(large.get_payload().split() == LARGE.split(), "the large one is whole")
        eight_bit, = (message for message in found if message["Subject"] == "Eight bits")
        expect("Grüße, 你好".encode() in eight_bit.get_payload(decode=True), "and so are eight bits")
        ids = {re.search(r"\sid ([^\s;]+)", message["Received"])[1] for message in found
               if message["Subject"] == "To all"}
        expect(len(ids) == 1, f"a hundred recipients share a transaction: {ids}")
        reports = {who: report for report in wait_for_reports(house, 2 - smtputf8) for who in report.recipients}
        report = reports[f"dave@{domain}"]
        expect(report.field(f"dave@{domain}", "Action") == "delivered", report.recipients)
        # OpenSMTPD gives no ENVID back (RFC 3464 §2.2.1).
        expect(report.about_message["Original-Envelope-Id"] in ("letter-1", *([None] if not tls else [])),
               report.about_message)
        house.expect_empty_queue()


def test_postfix(place):
    exchange(place, jail.postfix, "127.4.0.1")


def test_exim(place):
    exchange(place, jail.exim, "127.4.0.2")


def test_opensmtpd(place):
    # Version 6.8 of Debian 12 offers TLS and fails in every handshake with OpenSSL 3: so its mail comes without.
    exchange(place, jail.opensmtpd, "127.4.0.3", tls=False, smtputf8=False)


def test_smtp_sink_takes_many_at_a_time(place):
    with House(place) as house:
        house.start()
        sink = jail.smtp_sink(house, "127.4.0.4")
        names = [f"number{number}" for number in range(200)]
        with house.mail_program() as client:
            for name in names:
                house.hand_in(client, [f"{name}@sink.test"], letter(name))
        house.settled(*(f"{name}@sink.test" for name in names))
        taken = sorted(message["Subject"] for message in sink.delivered(len(names)))
        expect(taken == sorted(names), f"each is taken once: {taken}")
        house.expect_empty_queue()
