"""How a domain's hosts are found, and what becomes of mail for which there are none."""
from harness import HOSTNAME, expect
from outbound.house import ANN, House, letter


def bounce(house, recipient):
    """What Ann is told of the recipient: the fields of the notification."""
    house.settled(recipient)
    found = [report for report in house.reports() if recipient in report.recipients]
    expect(len(found) == 1, f"one notification about {recipient}: {found}")
    expect(found[0].field(recipient, "Action") == "failed", found[0].recipients)
    return found[0]


def test_mail_for_which_there_is_no_host_comes_back_at_once(place):
    with House(place) as house:
        names = house.names
        names.add("null.test", "MX", (0, ""))  # RFC 7505
        names.add("ourselves.test", "MX", (10, HOSTNAME))
        names.add("empty.test", "TXT", "There is a name, and nothing to send to.")
        names.add("nowhere.test", "MX", (10, "gone.nowhere.test"))
        house.start()
        expected = {"a@null.test": "5.1.10", "a@there-is-no.test": "5.1.2", "a@ourselves.test": "5.4.6",
                    "a@empty.test": r"5.1.2 5.4.4", "a@nowhere.test": "5.1.2 5.4.4"}
        for recipient in expected:
            house.submit(recipient)
        told = house.settled(*expected)
        for recipient, status in expected.items():
            events = [event["event"] for event in told[recipient]]
            expect(events == ["bounced"], f"{recipient}: {told[recipient]}")
            report = bounce(house, recipient)
            expect(report.field(recipient, "Status") in status.split(), f"{recipient}: {report.recipients}")
        house.expect_empty_queue()


def test_a_host_that_is_dead_is_passed_over(place):
    with House(place) as house:
        # Nobody listens at the first; the second refuses to talk; the third takes it; the fourth is not asked.
        for number in (1, 2, 3, 4):
            house.names.add("far.test", "MX", (number, f"mx{number}.far.test"))
            house.names.add(f"mx{number}.far.test", "A", f"127.2.0.{number}")
        busy = house.host("127.2.0.2", {"greeting": "421 4.3.2 Too busy"})
        third, fourth = house.host("127.2.0.3"), house.host("127.2.0.4")
        # Of two addresses one is dead, whichever comes first.
        house.names.add("two.test", "MX", (5, "mx.two.test"))
        house.names.add("mx.two.test", "A", "127.2.0.1", "127.2.0.5")
        fifth = house.host("127.2.0.5")
        # No MX: the domain itself (RFC 5321 §5.1), here behind another name.
        house.names.add("alias.test", "CNAME", "real.test")
        house.names.add("real.test", "A", "127.2.0.6")
        sixth = house.host("127.2.0.6")
        house.start()
        seventh = house.host("127.2.0.7")
        # A name beyond ASCII has a form within (RFC 5890 §2.3.2.1), which any server knows.
        eighth = house.mail_host("xn--bcher-kva.test", "127.2.0.8", {"extensions": []})
        recipients = ["a@far.test", "a@two.test", "a@alias.test", "a@[127.2.0.7]", "a@bücher.test"]
        for recipient in recipients:
            house.submit(recipient, options=[] if recipient.isascii() else ["SMTPUTF8"])
        told = house.settled(*recipients)
        expect(all([e["event"] for e in told[who]] == ["sent"] for who in recipients), f"all is sent at once: {told}")
        expect(busy.connections == 1 and fourth.connections == 0, "hosts are asked in the order of preference")
        for peer, recipient in zip((third, fifth, sixth, seventh, eighth), recipients):
            path = recipient.replace("bücher", "xn--bcher-kva")
            expect(len(peer.taken) == 1 and path in peer.taken[0][1][0], f"{recipient}: {peer.taken}")
        house.expect_empty_queue()


def test_what_cannot_be_looked_up_now_is_tried_again(place):
    with House(place) as house:
        house.names.broken.add("broken.test")
        later = house.mail_host("broken.test", "127.2.0.1")
        house.names.add("dead.test", "MX", (10, "mx.dead.test"))
        house.names.add("mx.dead.test", "A", "127.2.0.2")
        house.start({"queue.delay_warning": "1s"})
        house.submit("a@broken.test")
        house.submit("a@dead.test")
        for recipient, status in (("a@broken.test", "4.4.3"), ("a@dead.test", "4.4.1")):
            event = house.deferred(recipient)
            expect(event["status"] == status, f"{recipient}: {event}")
        house.names.broken.clear()
        dead = house.host("127.2.0.2")
        told = house.settled("a@broken.test", "a@dead.test")
        expect(all(events[-1]["event"] == "sent" for events in told.values()), f"in the end all is sent: {told}")
        expect(len(later.taken) == len(dead.taken) == 1, f"once: {later.taken} {dead.taken}")
        house.expect_empty_queue()


def test_who_waits_is_told_that_it_takes_longer(place):
    with House(place) as house:
        slow = house.mail_host("slow.test", "127.2.0.1", {"MAIL": "451 4.7.1 Come back later"},
                               {"MAIL": "451 4.7.1 Come back later"}, {})
        house.start({"queue.delay_warning": "1s"})
        house.submit("a@slow.test", message=letter("Patience", sender=ANN))
        house.settled("a@slow.test")
        report, = house.reports()
        expect(report.field("a@slow.test", "Action") == "delayed", report.recipients)
        expect(report.field("a@slow.test", "Status") == "4.7.1", report.recipients)
        expect("451 4.7.1 Come back later" in report.field("a@slow.test", "Diagnostic-Code"), report.recipients)
        expect(report.recipients["a@slow.test"]["Will-Retry-Until"], "and until when it is tried")
        expect(len(slow.taken) == 1, f"once: {slow.taken}")


def test_who_cannot_be_called_at_all_keeps_nobody_else_from_being_called(place):
    """A courier that is back before it has waited for anything must not be sent out again for ever."""
    with House(place) as house:
        far = house.mail_host("far.test", "127.2.1.1")
        house.start()
        # Documentation addresses (RFC 3849): where there is no IPv6 calling one fails at once.
        hopeless = ["a@[IPv6:2001:db8::1]", "b@[IPv6:2001:db8::2]"]
        for recipient in hopeless:
            house.submit(recipient)
        house.submit("carol@far.test")
        told = house.settled("carol@far.test")
        expect([e["event"] for e in told["carol@far.test"]] == ["sent"], f"others go: {told}")
        expect(len(far.taken) == 1, f"once: {far.taken}")


def test_held_mail_for_somebody_who_has_gone_comes_back(place):
    with House(place) as house:
        bob = "bob@example.test"
        place.hongyan("account", "add", bob, input=b"correct horse\n")
        house.start()
        house.submit(bob, options=["HOLDFOR=2"])
        place.hongyan("account", "remove", bob)
        report = bounce(house, bob)
        expect(report.field(bob, "Status") == "5.1.1", f"there is nobody of that name: {report.recipients}")
        house.expect_empty_queue()
