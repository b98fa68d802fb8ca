"""Junk is told from good mail by what was taught, the server says why, and it learns from what people do."""
import imaplib
import json
import smtplib
import time

from harness import PATIENCE, expect

ANN = "ann@example.test"
PASSWORD = "correct horse"
JUNK = "cheap pills without a doctor, order now at http://pills.example/"
GOOD = "the minutes of our meeting on Monday, see you at the office"


def mail(words, number=0):
    return (f"From: Someone <someone@example.org>\r\nTo: ann@example.test\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n"
            f"Message-ID: <{number}@example.org>\r\nSubject: {words[:20]}\r\n\r\n{words}\r\n").encode()


def teach(place):
    for kind, words in (("junk", JUNK), ("good", GOOD)):
        folder = place.folder / kind
        folder.mkdir()
        for number in range(40):
            (folder / f"{number}.eml").write_bytes(mail(words, number))
    said = place.hongyan("spam", "learn", "--junk", place.folder / "junk", "--good", place.folder / "good")
    expect(said == b"learned 40 junk and 40 good messages\n", said)


def deliver(server, raw):
    with smtplib.LMTP("127.0.0.1", server.ports["lmtp"], local_hostname="client.test", timeout=PATIENCE) as lmtp:
        lmtp.sendmail("someone@example.org", [ANN], raw)


def deliver_to_all(server, raw, *recipients):
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], local_hostname="client.test", timeout=PATIENCE) as smtp:
        smtp.sendmail("someone@example.org", recipients, raw)


def done(answer):
    expect(answer[0] == "OK", f"not OK: {answer}")
    return answer[1]


def learned_by_ann(place):
    rows = place.listing("spam", "stats", "--account", ANN)
    return next(((row["junk"], row["good"]) for row in rows if row["model"] == ANN), (0, 0))


def wait_until_learned(place, counts):
    end = time.monotonic() + PATIENCE
    while learned_by_ann(place) != counts:
        expect(time.monotonic() < end, f"learned {learned_by_ann(place)} instead of {counts}")


def test_junk_is_put_aside_with_reasons_and_people_teach_more(place):
    place.make_account(ANN, PASSWORD)
    teach(place)
    server = place.serve()
    client = imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=server.trust(), timeout=PATIENCE)
    done(client.login(ANN, PASSWORD))
    deliver(server, mail(JUNK, 100))
    deliver(server, mail(GOOD, 101))
    expect(b"(MESSAGES 1)" in done(client.status("Junk", "(MESSAGES)"))[0], "junk is put aside")
    expect(done(client.select("Junk")) == [b"1"], "it is there")
    header = done(client.fetch("1", "(BODY.PEEK[HEADER])"))[0][1]
    expect(b"X-Hongyan-Junk: yes" in header and b"times as frequent in junk" in header, header)
    found = json.loads(place.hongyan("spam", "check", "--json", input=mail(JUNK, 102)))
    expect(found["result"] == "junk" and found["points"] >= 5 and found["reasons"], found)
    lines = place.hongyan("spam", "check", "--account", ANN, input=mail(GOOD, 103)).decode().splitlines()
    expect(lines[0].startswith("good "), lines)

    # She disagrees about one, and throws another into Junk.
    done(client.uid("MOVE", "1", "INBOX"))
    expect(done(client.select("INBOX")) == [b"2"], "both are there")
    wait_until_learned(place, (0, 1))
    done(client.store("1", "+FLAGS", "($Junk)"))
    wait_until_learned(place, (1, 1))
    client.logout()
    place.hongyan("spam", "forget")
    expect(place.listing("spam", "stats")[0]["junk"] == 0, "what is shared is forgotten")
    place.hongyan("spam", "learn", code=65)


def counts(place, account):
    return {row["name"]: row["messages"] for row in place.listing("mailbox", "list", account) if row["messages"]}


def test_the_same_message_is_junk_for_one_and_not_for_another(place):
    bob = "bob@example.test"
    place.make_account(ANN, PASSWORD)
    place.hongyan("account", "add", bob, input=PASSWORD.encode())
    teach(place)
    place.hongyan("spam", "learn", "--account", ANN, "--junk", place.folder / "good", "--good", place.folder / "junk")
    server = place.serve()
    deliver_to_all(server, mail(JUNK, 100), ANN, bob)
    expect((counts(place, ANN), counts(place, bob)) == ({"INBOX": 1}, {"Junk": 1}), f"{counts(place, ANN)} {counts(place, bob)}")
    text = place.hongyan("message", "show", ANN, 1, "--raw")
    expect(b"X-Hongyan-Junk: no" in text and b"X-Hongyan-Junk: yes" not in text, text)
    rows = [row["reply"] for row in place.listing("trace", "<100@example.org>") if row["event"] == "judged"]
    expect(any("are as in good mail (-" in row for row in rows) and any("are as in junk (+" in row for row in rows), f"{rows}")

    server.reload(**{"classifier.shared": False})
    deliver_to_all(server, mail(JUNK, 101), ANN, bob)
    expect((counts(place, ANN), counts(place, bob)) == ({"INBOX": 2}, {"INBOX": 1, "Junk": 1}), "bob has taught nothing")
    server.reload(**{"classifier.enabled": False, "classifier.shared": True})
    deliver_to_all(server, mail(JUNK, 102), bob)
    expect(counts(place, bob) == {"INBOX": 2, "Junk": 1}, "nobody judges")
    text = place.hongyan("message", "show", bob, 2, "--raw")
    expect(b"X-Hongyan-Junk" not in text, text)
