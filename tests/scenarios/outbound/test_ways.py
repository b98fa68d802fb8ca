"""How a domain's hosts are found, and what becomes of mail for which there are none."""
import socket
import time

from harness import HOSTNAME, PATIENCE, Skipped, expect
from outbound.house import ANN, House, letter
from scripted_peer import drop


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


# What the first host says after it has answered the call; the next one takes what it does not.
FAILS_LATER = [{"greeting": "421 4.3.2 Too busy"}, {"greeting": "554 5.7.1 Not you"}, {"greeting": drop},
               {"EHLO": "421 4.3.2 Too busy"}, {"EHLO": "451 4.3.0 Trouble"}, {"EHLO": drop},
               {"MAIL": "421 4.3.2 Too busy"}, {"MAIL": "451 4.3.0 Trouble"}, {"MAIL": "452 4.3.1 No room"}, {"MAIL": drop},
               {"RCPT": "421 4.3.2 Too busy"}, {"RCPT": drop}, {"DATA": "421 4.3.2 Too busy"},
               {"DATA": "451 4.3.0 Trouble"}, {"DATA": drop}, {"message": "421 4.3.2 Too busy"}]


def test_a_host_that_fails_in_the_session_is_passed_over(place):
    """RFC 5321 §5.1: each host in its order, until one takes the message."""
    with House(place) as house:
        pairs = [(house.mail_host(f"host{number}.test", f"127.2.{number}.1", script),
                  house.mail_host(f"host{number}.test", f"127.2.{number}.2", preference=20))
                 for number, script in enumerate(FAILS_LATER)]
        house.start({"outbound.destination_rests": "1h"})
        recipients = [f"a@host{number}.test" for number in range(len(pairs))]
        for recipient in recipients:
            house.submit(recipient)
        told = house.settled(*recipients)
        for recipient, (bad, good), script in zip(recipients, pairs, FAILS_LATER):
            said = f"{script}: {told[recipient]}"
            expect([(e["event"], e["host"]) for e in told[recipient]] == [("sent", f"mx20.{recipient[2:]}")], said)
            expect(bad.connections == 1 and not bad.taken and len(good.taken) == 1, said)
        # Who has failed is not asked first again.
        for recipient in recipients:
            house.submit(recipient, message=letter("Once more"))
        deadline = time.monotonic() + PATIENCE
        while any(len(good.taken) < 2 for _, good in pairs):
            expect(time.monotonic() < deadline, "the second messages do not arrive")
            time.sleep(0.02)
        expect([bad.connections for bad, _ in pairs] == [1] * len(pairs), "who has failed is left alone")
        house.expect_empty_queue()


def test_a_recipient_who_is_put_off_is_no_reason_to_ask_another_host(place):
    with House(place) as house:
        first = house.mail_host("far.test", "127.2.0.1", {"RCPT": ["250 2.1.5 Ok", "450 4.2.1 Busy"]}, {})
        second = house.mail_host("far.test", "127.2.0.2", preference=20)
        house.start()
        house.submit("a@far.test", "b@far.test")
        told = house.settled("a@far.test", "b@far.test")
        expect([e["event"] for e in told["a@far.test"]] == ["sent"], told)
        expect([e["event"] for e in told["b@far.test"]] == ["deferred", "sent"], told)
        expect(second.connections == 0 and len(first.taken) == 2, f"{first.taken} {second.taken}")


def test_some_are_decided_by_one_host_and_others_by_the_next(place):
    with House(place) as house:
        script = {"RCPT": ["250 2.1.5 Ok", "550 5.1.1 No such user"], "DATA": "451 4.3.0 Trouble"}
        first = house.mail_host("far.test", "127.2.0.1", script)
        second = house.mail_host("far.test", "127.2.0.2", preference=20)
        house.start()
        house.submit("a@far.test", "b@far.test")
        told = house.settled("a@far.test", "b@far.test")
        expect([(e["event"], e["host"]) for e in told["a@far.test"]] == [("sent", "mx20.far.test")], told)
        expect([(e["event"], e["host"]) for e in told["b@far.test"]] == [("bounced", "mx10.far.test")], told)
        expect(not first.taken and [to for _, to, _ in second.taken] == [("RCPT TO:<a@far.test>",)], second.taken)


def test_many_addresses_of_one_host_do_not_hide_the_next(place):
    with House(place) as house:
        house.names.add("far.test", "MX", (10, "mx10.far.test"), (20, "mx20.far.test"))
        house.names.add("mx10.far.test", "A", *(f"127.2.1.{number}" for number in range(1, 11)))
        house.names.add("mx20.far.test", "A", "127.2.0.1")
        host = house.host("127.2.0.1")
        house.start()
        house.submit("a@far.test")
        told = house.settled("a@far.test")["a@far.test"]
        expect([e["event"] for e in told] == ["sent"] and len(host.taken) == 1, told)


def test_who_puts_off_everything_is_not_asked_for_every_message(place):
    """And one word of people, or one message that is taken, is enough to begin anew."""
    count = 60
    with House(place) as house:
        busy = house.mail_host("busy.test", "127.2.0.1", {"MAIL": "451 4.3.0 <ann@example.test> sends too much"})
        other = house.mail_host("other.test", "127.2.0.2")
        house.start({"outbound.destination_rests": "1h", "queue.retry": ["2h"]})
        recipients = [f"a{number}@busy.test" for number in range(count)]
        for recipient in recipients:
            house.submit(recipient)
        house.submit("b@other.test")
        house.settled("b@other.test")
        told = [house.deferred(recipient) for recipient in recipients]
        asked = [event for event in told if event["address"]]
        spared = [event for event in told if not event["address"]]
        said = sum(line.startswith("MAIL") for line in busy.heard)
        expect(5 <= said == len(asked) <= 20, f"MAIL was said {said} times")
        expect(all("puts off every message (451 at MAIL)" in event["reply"] for event in spared), spared[:1])
        expect(all("ann@example.test" not in event["reply"] for event in spared), "others' addresses are not told")
        expect(len(other.taken) == 1, other.taken)
        rest, = place.listing("queue", "stats", "--resting")
        expect((rest["destination"], rest["host"]) == ("busy.test", "mx10.busy.test") and "451 at MAIL" in rest["why"], f"who rests is told: {rest}")
        busy.scripts = ({},)
        place.hongyan("queue", "retry", "--all")
        resting = place.listing_when(lambda rows: not rows, "queue", "stats", "--resting")  # when it has been heard
        expect(resting == [], f"an order ends all rests: {resting}")
        house.settled(*recipients)
        expect(len(busy.taken) == count, f"{len(busy.taken)} came in the end")
        house.expect_empty_queue()


def test_two_wishes_take_turns_over_a_single_connection(place):
    with House(place) as house:
        slow = house.mail_host("slow.test", "127.3.0.6")
        recipients = [f"a{number}@slow.test" for number in range(53)]
        wishes = {number: b"TLS-Required: No\r\n" for number in (20, 21, 22)}
        house.let_wait(*((who, wishes.get(number, b"") + letter()) for number, who in enumerate(recipients)))
        house.start({"outbound.limits": ["slow.test connections=1"]})
        house.settled(*recipients)
        expect(len(slow.taken) == 53, f"all of it is sent: {len(slow.taken)}")
        expect(slow.connections <= 20, f"nobody makes room before he has sent something: {slow.connections}")


def test_all_wishes_of_senders_together_have_the_connections_of_a_destination(place):
    """An idle connection makes room for mail that may not go over it (RFC 8689)."""
    with House(place) as house:
        host = house.mail_host("far.test", "127.2.0.1")
        house.start({"outbound.connections_per_destination": 1, "outbound.idle": "1min"})
        house.submit("a@far.test")
        house.settled("a@far.test")
        house.submit("b@far.test", message=b"TLS-Required: No\r\nSubject: Hello\r\n\r\nText.\r\n")
        house.settled("b@far.test")
        house.submit("c@far.test")
        house.settled("c@far.test")
        talk = [line.split()[0] for line in host.heard if line.split()[0] in ("EHLO", "QUIT")]
        expect(talk[:5] == ["EHLO", "QUIT", "EHLO", "QUIT", "EHLO"], f"never two at once: {talk}")


def need_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as reason:
        raise Skipped(f"no IPv6 on loopback: {reason}") from None


def test_mail_goes_over_ipv6(place):
    """A host with AAAA only, one with both, the address itself (RFC 5321 §5.2, §4.1.3)."""
    need_ipv6()
    with House(place) as house:
        newer = house.mail_host("six.test", "::1")
        house.names.add("both.test", "MX", (10, "mx10.both.test"))
        house.names.add("mx10.both.test", "AAAA", "::1")
        house.names.add("mx10.both.test", "A", "127.2.0.6")
        older = house.host("127.2.0.6")
        house.start()
        recipients = ["a@six.test", "a@both.test", "a@[IPv6:::1]"]
        for recipient in recipients:
            house.submit(recipient)
        for recipient, told in house.settled(*recipients).items():
            expect([(e["event"], e["address"]) for e in told] == [("sent", f"[::1]:{house.port}")], told)
        expect(len(newer.taken) == 3 and not older.connections, "IPv6 is asked first where there is both")
        house.expect_empty_queue()


def test_where_ipv6_leads_nowhere_ipv4_does(place):
    """RFC 8305: families take turns, so that one that does not work costs one call."""
    need_ipv6()
    with House(place) as house:
        house.names.add("both.test", "MX", (10, "mx10.both.test"))
        house.names.add("mx10.both.test", "AAAA", "::1")
        house.names.add("mx10.both.test", "A", "127.2.0.6")
        older = house.host("127.2.0.6")
        house.start()
        house.submit("a@both.test")
        told, = house.settled("a@both.test")["a@both.test"]
        expect((told["event"], told["address"]) == ("sent", f"127.2.0.6:{house.port}"), told)
        expect(len(older.taken) == 1, older.taken)


def test_strangers_names_do_not_lead_to_what_only_we_can_reach(place):
    with House(place) as house:
        inside = house.mail_host("inside.test", "127.2.0.1")
        house.names.add("private.test", "MX", (10, "mx.private.test"))
        house.names.add("mx.private.test", "A", "10.1.2.3")
        house.start({"outbound.private_networks": [], "outbound.routes": [f"routed.test [127.2.0.1]:{house.port}"]})
        expected = {"a@inside.test": "5.4.6", "a@[127.2.0.1]": "5.4.6", "a@private.test": "5.4.4",
                    "a@[192.168.1.1]": "5.4.4"}
        for recipient, status in expected.items():
            house.submit(recipient)
            expect(bounce(house, recipient).field(recipient, "Status") == status, recipient)
        expect(not inside.connections, "nobody is called")
        house.submit("a@routed.test")
        house.settled("a@routed.test")
        expect(len(inside.taken) == 1, "routes lead anywhere")
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
        house.submit(bob, options=["HOLDFOR=5"])
        place.hongyan("account", "remove", bob)
        report = bounce(house, bob)
        expect(report.field(bob, "Status") == "5.1.1", f"there is nobody of that name: {report.recipients}")
        house.expect_empty_queue()
