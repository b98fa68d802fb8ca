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
