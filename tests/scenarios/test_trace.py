"""What became of a message is told, whether it was delivered, refused or passed on."""
import smtplib

from harness import HOSTNAME, PATIENCE, expect

MESSAGE = b"From: bob@far.test\r\nSubject: Hello\r\nMessage-ID: <%s@far.test>\r\n\r\nGood morning.\r\n"


def events(place, what):
    return [(row["event"], row["recipient"], row["server"]) for row in place.listing("trace", what)]


def test_a_message_is_followed_to_its_mailbox_to_its_refusal_and_beyond(place):
    ann = place.make_account()
    place.hongyan("alias", "add", "away@example.test", "carol@example.org")
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], "far.test", PATIENCE) as client:
        client.sendmail("bob@far.test", [ann], MESSAGE % b"local")
        client.sendmail("bob@far.test", ["away@example.test"], MESSAGE % b"onward")
        client.mail("eve@far.test")
        code, said = client.rcpt("nobody@example.test")
    expect(code == 550, f"nobody is refused: {said}")
    for what in ("local@far.test", ann):
        placed = [("accepted", "", "far.test[127.0.0.1]"), ("placed", ann, f"the mailbox of {ann}")]
        expect(events(place, what) == placed, f"{what} tells of the mailbox: {events(place, what)}")
    onward = [row["event"] for row in place.listing("trace", "<onward@far.test>")]
    expect(onward == ["accepted", "waiting"], f"what is passed on waits: {onward}")
    senders = {row["sender"] for row in place.listing("trace", "bob@far.test") if row["event"] == "accepted"}
    expect(senders == {"bob@far.test"}, f"and is found by who sent it: {senders}")
    refused, = place.listing_when(len, "trace", "nobody@example.test")
    expect((refused["event"], refused["sender"], refused["server"]) == ("refused", "eve@far.test", "far.test[127.0.0.1]")
           and refused["reply"].startswith("550 5.1.1 "), f"why there is no message: {refused}")
    place.hongyan("account", "language", ann, "zh-CN")


def test_a_message_is_found_by_its_message_id_however_that_is_written(place):
    ann = place.make_account()
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], "far.test", PATIENCE) as client:
        client.sendmail("bob@far.test", [ann], MESSAGE.replace(b"%s", b'"a b"'))
    for what in ('<"a b"@far.test>', ' < "a b" @ far.test > (of Monday)', "<a b@far.test>"):
        told = [row["event"] for row in place.listing("trace", what)]
        expect(told == ["accepted", "placed"], f"{what} is found: {told}")


def test_of_many_messages_the_last_are_told_and_the_way_to_the_others(place):
    ann = place.make_account()
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], "far.test", PATIENCE) as client:
        for number in range(5):
            client.sendmail("bob@far.test", [ann], MESSAGE % str(number).encode())

    def told(*options):
        ids = [row["id"] for row in place.listing("trace", "bob@far.test", "--limit", "2", *options)]
        return list(dict.fromkeys(ids))

    last = told()
    expect(f"There are earlier ones: --before {last[0]}" in place.errors, place.errors)
    before = told("--before", last[0])
    first = told("--before", before[0])
    expect(place.errors == "", f"nobody is before the first: {place.errors}")
    every = first + before + last
    expect(len(first) == 1 and len(every) == 5 and every == sorted(every), f"all in their order: {every}")
    expect(told("--after", first[0]) == before, "and onward")
    expect(f"There are later ones: --after {before[1]}" in place.errors, place.errors)
    place.hongyan("trace", "bob@far.test", "--after", first[0], "--before", last[0], code=65)


def test_without_a_history_there_is_nothing_to_tell(place):
    ann = place.make_account()
    server = place.serve({"queue.history": "0s"})
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        client.sendmail("bob@far.test", [ann], MESSAGE % b"local")
    place.hongyan("trace", ann, code=67)
    expect("nothing is known" in place.errors, f"nothing was kept: {place.errors}")
