"""What waits: people change their minds about it, its time runs out, and its sender hears of that."""
import base64
import email
import email.policy
import os
import smtplib
import threading
import time

from harness import HOSTNAME, PATIENCE, expect
from outbound.house import ANN, LI, PASSWORD, House, Report, letter
from scripted_peer import DECENT

MEMBERS = int(os.environ.get("HONGYAN_LIST_MEMBERS", "1000"))
BUSY = {"RCPT": "450 4.2.1 Busy"}


def test_what_waits_in_memory_obeys_people(place):
    """It was handed over with its lease, and its turn has not come. The second is on its way with the first."""
    gate = threading.Event()

    def wait(conversation):
        gate.wait(PATIENCE)
        conversation.send(DECENT["MAIL"].encode() + b"\r\n")
        return DECENT["MAIL"]

    with House(place) as house:
        slow = house.mail_host("slow.test", "127.2.0.1", {"MAIL": wait})
        other = house.mail_host("other.test", "127.2.0.2")
        house.start({"outbound.connections_per_destination": 1})
        names = [f"{name}@slow.test" for name in ("first", "second", "cancelled", "held", "rerouted", "removed", "last")]
        with house.mail_program() as client:
            for name in names:
                house.hand_in(client, [name], letter(name))
        entries = {row["recipients"][0]: row["id"] for row in place.listing("queue", "list")}
        expect(set(entries) == set(names), f"all wait: {entries}")
        place.hongyan("queue", "cancel", "--recipient", "cancelled@slow.test")
        place.hongyan("queue", "hold", "--recipient", "held@slow.test")
        place.hongyan("queue", "reroute", "--recipient", "rerouted@slow.test", "--to", "other.test")
        place.hongyan("queue", "remove", entries["removed@slow.test"])
        gate.set()
        house.settled("first@slow.test", "rerouted@slow.test", "last@slow.test")
        taken = {recipients[0].split("<")[1].split("@")[0] for _, recipients, _ in slow.taken}
        expect(taken == {"first", "second", "last"}, f"nobody gets what is not to be sent: {taken}")
        expect([r for _, recipients, _ in other.taken for r in recipients] == ["RCPT TO:<rerouted@slow.test>"], other.taken)
        left = [(row["recipients"], row["state"]) for row in place.listing("queue", "list")]
        expect(left == [(["held@slow.test"], ["held"])], f"and what is held is held: {left}")
        place.hongyan("queue", "release", "--all")
        house.settled("held@slow.test")
        house.expect_empty_queue()


def test_what_nobody_takes_comes_back_when_its_time_is_over(place):
    with House(place) as house:
        house.mail_host("busy.test", "127.2.0.1", BUSY)
        house.start({"queue.retry": ["1s"], "queue.lifetime": "6s", "queue.delay_warning": "1s"})
        house.submit("a@busy.test")
        house.submit("b@busy.test", sender=LI, message=letter("For Li", sender=LI))
        house.settled("a@busy.test", "b@busy.test")
        for sender, recipient, words in ((ANN, "a@busy.test", "could NOT"), (LI, "b@busy.test", "未能送达")):
            delayed, failed = house.reports(sender)
            expect(delayed.field(recipient, "Action") == "delayed", delayed.recipients)
            expect(delayed.recipients[recipient]["Will-Retry-Until"], "and until when it is tried")
            expect(failed.field(recipient, "Action") == "failed", failed.recipients)
            # RFC 3463 §3.5: the time ran out; what the server said last is there too.
            expect(failed.field(recipient, "Status") == "5.4.7", failed.recipients)
            expect("450 4.2.1 Busy" in failed.field(recipient, "Diagnostic-Code"), failed.recipients)
            failed.expect_to_be_ours()
            expect(words in failed.text, f"in the language of {sender}: {failed.text}")
        house.expect_empty_queue()


def test_a_sender_beyond_ascii_is_told_in_his_letters(place):
    """RFC 6533: message/global-delivery-status, where the sender's address needs SMTPUTF8 itself."""
    wang = "王@example.test"
    with House(place) as house:
        house.mail_host("far.test", "127.2.0.1", {"RCPT": "550 5.1.1 没有这个人"})
        place.hongyan("account", "add", wang, "--language", "zh-CN", input=PASSWORD.encode() + b"\n")
        house.start()
        with smtplib.SMTP("127.0.0.1", house.server.ports["submission"], "client.test", PATIENCE) as client:
            client.ehlo()
            proof = base64.b64encode(f"\0{wang}\0{PASSWORD}".encode()).decode()
            expect(client.docmd("AUTH", f"PLAIN {proof}")[0] == 235, "she logs in")
            house.hand_in(client, ["收件@far.test"], letter("Hello", "你好", sender=wang, to="收件@far.test"), wang,
                          ["SMTPUTF8", "BODY=8BITMIME"])
        house.settled("收件@far.test")
        raw = place.hongyan("message", "show", wang, 1, "--raw")
        report = Report(email.message_from_bytes(raw, policy=email.policy.default))
        parts = [part.get_content_type() for part in report.message.iter_parts()]
        expect(parts == ["text/plain", "message/global-delivery-status", "message/global"], f"{parts}")
        expect(report.field("收件@far.test", "Final-Recipient").replace(" ", "") == "utf-8;收件@far.test", report.recipients)
        expect("没有这个人" in report.field("收件@far.test", "Diagnostic-Code"), "what the server said, as it said it")
        expect("未能送达" in report.text, f"in his language: {report.text}")
        expect(wang in str(report.message["To"]), report.message["To"])
        house.expect_empty_queue()


def test_a_list_of_many_reaches_each_once(place):
    """HONGYAN_LIST_MEMBERS=20000 makes it as long as the largest we promise."""
    members = [f"m{number}@d{number % 3}.test" for number in range(MEMBERS)]
    with House(place) as house:
        hosts = [house.mail_host(f"d{number}.test", f"127.2.0.{number + 1}") for number in range(3)]
        house.start({"smtp.recipients": 50_000})
        with smtplib.SMTP("127.0.0.1", house.server.ports["submission"], HOSTNAME, 20 * PATIENCE) as client:
            client.login(ANN, PASSWORD)
            expect(client.mail(ANN)[0] == 250, "MAIL")
            for member in members:  # one by one, as programs do that know no PIPELINING
                expect(client.rcpt(member)[0] == 250, member)
            expect(client.data(letter("To all"))[0] == 250, "one message for all of them")
        deadline = time.monotonic() + 20 * PATIENCE
        while sum(len(recipients) for host in hosts for _, recipients, _ in list(host.taken)) < MEMBERS:
            expect(time.monotonic() < deadline, f"{[len(host.taken) for host in hosts]} messages in all that time")
            time.sleep(0.02)  # the hosts are all there is to wait for
        taken = [line for host in hosts for _, recipients, _ in host.taken for line in recipients]
        expect(sorted(taken) == sorted(f"RCPT TO:<{member}>" for member in members), "each once")
        expect(all(len(recipients) <= 100 for host in hosts for _, recipients, _ in host.taken),
               "a hundred at a time (RFC 5321 §4.5.3.1.8)")


def test_a_full_member_of_a_list_gets_it_when_there_is_room(place):
    full = "full@example.test"
    with House(place) as house:
        place.hongyan("account", "add", full, "--quota-messages", "1", input=PASSWORD.encode() + b"\n")
        place.hongyan("alias", "add", "team@example.test", ANN, full)
        house.start()
        house.submit(full, message=letter("First"))
        house.submit("team@example.test", message=letter("To all"))
        subjects = [row["subject"] for row in place.listing("message", "list", ANN)]
        expect(subjects == ["To all"], f"who has room has it at once: {subjects}")
        event = house.deferred(full)
        expect(event["status"].startswith("4.2.2"), f"the other waits: {event}")
        place.hongyan("account", "quota", full, "--quota-messages", "10")
        place.hongyan("queue", "retry", "--all")
        house.settled(full)
        subjects = [row["subject"] for row in place.listing("message", "list", full)]
        expect(subjects == ["First", "To all"], f"and gets it in the end, once: {subjects}")
        house.expect_empty_queue()
