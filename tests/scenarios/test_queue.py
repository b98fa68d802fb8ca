"""What waits in the queue is kept as well as what lies in mailboxes."""
import signal
import smtplib

from harness import HOSTNAME, PATIENCE, expect

MESSAGE = b"From: bob@example.org\r\nTo: info@example.test\r\nSubject: To both\r\n\r\n" + b"A line of text.\r\n" * 500


def test_mail_for_an_account_and_for_elsewhere_is_kept_and_checked(place):
    ann = place.make_account()
    place.hongyan("alias", "add", "info@example.test", ann, "carol@example.org")
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        client.sendmail("bob@example.org", ["info@example.test"], MESSAGE)
    entry, = place.listing("queue", "list")
    expect("carol@example.org" in str(entry), f"the part for elsewhere waits: {entry}")
    server.kill(signal.SIGTERM)
    expect(server.wait() == 0, "the server ends well")
    place.hongyan("store", "check", "--repair")
    expect(b"0 findings" in place.hongyan("store", "check"), "the queue's content is no orphan")
    for raw in (place.hongyan("queue", "show", entry["id"], "--raw"), place.hongyan("message", "show", ann, 1, "--raw")):
        expect(raw.endswith(MESSAGE), f"the message is whole behind the fields we added: {raw[:300]}")


def test_the_queue_is_looked_at_and_changed(place):
    ann = place.make_account()
    place.hongyan("alias", "add", "team@example.test", ann, "carol@example.org", "dave@example.net")
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        client.sendmail("bob@example.com", ["team@example.test"], b"Message-ID: <letter@example.com>\r\n" + MESSAGE)
    entry, = place.listing("queue", "list")

    def states():
        return {row["recipient"]: row["state"] for row in place.listing("queue", "show", entry["id"])}

    place.hongyan("queue", "hold", "--domain", "example.org")
    expect(states() == {"carol@example.org": "held", "dave@example.net": "waiting"}, f"one is held: {states()}")
    counts, = place.listing("queue", "stats")
    expect((counts["messages"], counts["held"]) == (1, 1), f"and counted: {counts}")
    place.hongyan("queue", "release", entry["id"])
    place.hongyan("queue", "reroute", "--recipient", "carol@example.org", "--to", "relay.example.net")
    destinations = {row["destination"]: row["recipients"] for row in place.listing("queue", "stats", "--destinations")}
    expect(destinations == {"relay.example.net": 1, "example.net": 1}, f"one goes elsewhere: {destinations}")
    place.hongyan("queue", "pause", "example.net", "--reason", "too slow")
    expect([row["reason"] for row in place.listing("queue", "pauses")] == ["too slow"], "a pause is listed")
    place.hongyan("queue", "resume", "example.net")
    place.hongyan("queue", "cancel", "--all")
    expect(place.listing("queue", "list") == [], "nothing waits")
    for what in (entry["id"], "<letter@example.com>", "dave@example.net", "bob@example.com"):
        events = [row["event"] for row in place.listing("trace", what)]
        expect(events == ["accepted", "placed", "cancelled", "cancelled"], f"{what} tells of it: {events}")
    place.hongyan("suppression", "add", ann, "Carol@example.org", "--reason", "asked for it")
    row, = place.listing("suppression", "list", ann)
    expect((row["address"], row["by"]) == ("carol@example.org", "hand"), f"a suppression is listed: {row}")
    place.hongyan("suppression", "remove", ann, "carol@example.org")
    expect(place.listing("suppression", "list", ann) == [], "and taken back")
    server.kill(signal.SIGTERM)
    expect(server.wait() == 0, "the server ends well")
    expect(b"0 findings" in place.hongyan("store", "check"), "what was cancelled left nothing behind")


def test_what_an_alias_passes_on_has_a_sender_of_ours_and_its_bounce_finds_back(place):
    place.make_account()
    place.hongyan("alias", "add", "away@example.test", "carol@example.org")
    server = place.serve()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        client.sendmail("bob@far.test", ["away@example.test"], MESSAGE)
        entry, = place.listing("queue", "list")
        expect(entry["sender"].startswith("SRS0=") and entry["sender"].endswith("=far.test=bob@example.test"), entry)
        client.sendmail("", [entry["sender"]], MESSAGE)
        expect(client.mail("eve@far.test")[0] == 250 and client.rcpt(entry["sender"])[0] == 550, "bounces only")
    entries = place.listing("queue", "list")
    expect(any("bob@far.test" in str(other) and other["sender"] == "" for other in entries), entries)


def test_what_is_held_comes_when_its_time_has_come(place):
    """RFC 4865: also to mailboxes here, for which the sender's server would not wait otherwise."""
    ann = place.make_account()
    server = place.serve({"outbound.enabled": True, "dns.servers": ["127.0.0.1@1"], "login.plain_networks": ["127.0.0.0/8"]})
    with smtplib.SMTP("127.0.0.1", server.ports["submission"], HOSTNAME, PATIENCE) as client:
        client.login(ann, "correct horse")
        expect("futurerelease" in client.esmtp_features, f"holding is offered: {client.esmtp_features}")
        client.sendmail(ann, [ann], MESSAGE, mail_options=["HOLDFOR=4"])
    entry, = place.listing("queue", "list")
    expect(place.listing("message", "list", ann) == [], "nothing has come yet")
    server.wait_for_log(" sent ")
    row, = place.listing("message", "list", ann)
    expect(row["subject"] == "To both", f"it has come: {row}")
    events = [row["event"] for row in place.listing("trace", entry["id"])]
    expect(events == ["accepted", "delivered"], f"and its trace tells so: {events}")
