"""Every row of docs/refusals.md happens, is said as it stands there, and is told by `hongyan trace` with its code."""
import pathlib
import re

from harness import expect
from name_server import NameServer
from scripted_filters import Clamd, Milter, Rspamd, Scripted
from test_guard import ANN, BOB, STRANGER, deliver, greet, house, listed, submit

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d\d\d \S+) \| (.*?) \|", re.M)
# A server in good health does not refuse on these grounds; the tests that show them.
UNIT_TESTS = {code: "src/flow/judged_test.cc" for code in
              ("unwanted", "unwanted-now", "judge-busy", "judge-broken", "judged-too-long",
               "filter-astray")}
NOBODY = "inet:127.0.0.1:1"
ERIN = "erin@far.test"  # writes to others than Ann


class Refusals:
    """Sees to it that each is said and told as the table has it, and remembers which were seen."""

    def __init__(self, place):
        self.place, self.seen, self.untold = place, set(), []
        self.rows = {code: (status, sentence)
                     for code, status, sentence in ROW.findall((ROOT / "docs" / "refusals.md").read_text())}

    def saw(self, code, line, sender):
        """The server has said `line` to that sender; told() looks for it in the history."""
        status, sentence = self.rows[code]
        pattern = re.escape(sentence).replace(re.escape("{}"), ".*")
        expect(re.fullmatch(f"{status} {pattern}", line), f"{code}: {line!r} is not {status} {sentence!r}")
        self.untold.append((sender, code, line))

    def told(self):
        """All of a group, by one trace of whom it was for, and of who was refused before he could say that."""
        told = self.trace(ANN)
        for seen in self.untold:
            if seen not in told:
                told |= self.trace(seen[0], seen)
            expect(seen in told, f"{seen} is not in what the trace tells: {told}")
            self.seen.add(seen[1])
        self.untold.clear()

    def trace(self, address, wanted=None):
        """What is told of the address; if one is wanted, when it is there: they are written down when all have been told."""
        def told(rows):
            return {(row["sender"], row["ground"], row["reply"].split("\n")[0]) for row in rows}
        return told(self.place.listing_when(lambda rows: not wanted or wanted in told(rows), "trace", address, "--limit", "1000"))

    def refuse(self, client, code, domain="far.test", recipient=ANN, text="Hello.", sender=None):
        """A message of a sender that is named for the ground."""
        sender = sender or f"{code}@{domain}"
        self.saw(code, deliver(client, sender, recipient, self.rows[code][0], text), sender)


def zones(names):
    for domain in ("far.test", "spf.test", "strict.test"):
        names.add(domain, "MX", (10, f"mx.{domain}"))
    names.add("null.test", "MX", (0, ""))
    names.add("spf.test", "TXT", "v=spf1 -all")
    names.add("_dmarc.strict.test", "TXT", "v=DMARC1; p=reject")
    names.broken.add("down.test")
    names.add("dead.strict.test", "MX", (10, "mx.strict.test"))
    names.broken.add("_spf.strict.test")
    names.add("dead.strict.test", "TXT", "v=spf1 include:_spf.strict.test -all")
    names.add("2.0.0.127.bl.test", "A", "127.0.0.2")
    listed(names, "bl.test", "192.0.2.9", "Sent junk")
    names.add("test.links.test", "A", "127.0.0.2")
    names.add("bad.test.links.test", "A", "127.0.0.2")


def strangers(server, refusals):
    with greet(server, STRANGER, "EHLO example.test") as client:
        refusals.refuse(client, "hello-own-name")
    with greet(server, "192.0.2.9") as client:
        refusals.refuse(client, "dnsbl")
    with greet(server, STRANGER) as client:
        refusals.refuse(client, "null-mx", "null.test")
        refusals.refuse(client, "sender-domain", "none.test")
        refusals.refuse(client, "sender-domain-unknown", "down.test")
        refusals.refuse(client, "spf-fail", "spf.test")
        refusals.refuse(client, "dmarc-reject", "strict.test")
        refusals.refuse(client, "dmarc-unknown", "dead.strict.test")
        for command, good in (("MAIL FROM:<unclear-author@far.test>", "250"), (f"RCPT TO:<{ANN}>", "250"), ("DATA", "354")):
            client.says(command, good)
        refusals.saw("unclear-author", client.says("From: a@far.test\r\nFrom: b@far.test\r\n\r\nHello.\r\n.", "550"),
                     "unclear-author@far.test")
        refusals.refuse(client, "link-list", text="Look: https://www.bad.test/cheap")
        refusals.refuse(client, "relaying-denied", recipient="carol@elsewhere.test", sender=ERIN)
        refusals.refuse(client, "disabled", recipient=BOB, sender=ERIN)
        refusals.refuse(client, "over-quota", recipient="full@example.test", sender=ERIN)
        client.says(f"MAIL FROM:<{ERIN}> SIZE=100", "250")
        refusals.saw("over-quota", client.says("RCPT TO:<full@example.test>", "452"), ERIN)
        client.says("RSET", "250")
    server.reload(**{"spam.reject_score": 1})
    with greet(server, STRANGER, "EHLO nobody") as client:
        refusals.refuse(client, "score")
    server.reload(**{"spam.reject_score": 0, "spam.greylisting": True})
    with greet(server, STRANGER) as client:
        refusals.refuse(client, "greylisting")
    server.reload(**{"spam.greylisting": False})


def limits(server, refusals):
    server.reload(**{"smtp.hops": 10, "smtp.recipients": 100, "limits.message_size": "64 KiB", "smtp.transactions": 4})
    with greet(server, STRANGER) as client:
        for code, text in (("too-many-hops", "Received: by here\r\n" * 11), ("too-large", "\r\n" + "lines\r\n" * 10_000),
                           ("stray-line-ends", "Subject: one\ntwo\r\n")):
            for command, good in ((f"MAIL FROM:<{code}@far.test>", "250"), (f"RCPT TO:<{ANN}>", "250"), ("DATA", "354")):
                client.says(command, good)
            refusals.saw(code, client.says(text + ".", refusals.rows[code][0]), f"{code}@far.test")
        client.says("MAIL FROM:<too-many-recipients@far.test>", "250")
        for _ in range(100):
            client.says(f"RCPT TO:<{ANN}>", "250")
        refusals.saw("too-many-recipients", client.says(f"RCPT TO:<{ANN}>", "452"), "too-many-recipients@far.test")
        client.says("RSET", "250")
        refusals.saw("too-many-messages", client.says("MAIL FROM:<too-many-messages@far.test>", "421"),
                     "too-many-messages@far.test")
    server.reload(**{"smtp.transactions": 1000, "ban.unknown_recipients": 2})
    with greet(server, "192.0.2.50") as client:
        client.says(f"MAIL FROM:<{ERIN}>", "250")
        refusals.saw("unknown-recipient", client.says("RCPT TO:<x@example.test>", "550"), ERIN)
        refusals.saw("banned", client.says("RCPT TO:<y@example.test>", "421"), ERIN)


def accounts(server, refusals):
    server.reload(**{"limits.smtp_per_account": 1, "sending.checks": "refuse", "sending.check_score": 5,
                     "sending.messages_per_hour": 2})
    with submit(server) as client:
        line = client.says("MAIL FROM:<not-your-address@far.test>", "550")
        refusals.saw("not-your-address", line, "not-your-address@far.test")
        client.says(f"MAIL FROM:<{ANN}>", "250")
        client.send("RCPT TO:<gone@far.test>\r\n")
        refusals.saw("suppressed", client.hears_lines("550 ")[0].replace("-", " ", 1), ANN)
        with submit(server) as second:
            refusals.saw("account-sessions", second.says(f"MAIL FROM:<{ANN}>", "421"), ANN)
        client.says("RSET", "250")
        refusals.refuse(client, "outgoing-junk", recipient="x@far.test", text="https://www.bad.test/cheap", sender=ANN)
        for _ in range(2):
            deliver(client, ANN, "x@far.test", "250")
        refusals.refuse(client, "sending-limit", recipient="x@far.test", sender=ANN)
    server.reload(**{"sending.messages_per_hour": 0, "limits.smtp_per_account": 50})


def filters(server, refusals):
    with Scripted(Milter) as milter, Scripted(Rspamd) as rspamd, Scripted(Clamd) as clamd:
        server.reload(**{"filters.milters": [milter.address], "rspamd.address": rspamd.address, "clamd.address": clamd.address})
        with greet(server, STRANGER) as client:
            refusals.refuse(client, "milter")
            refusals.refuse(client, "milter-later")
            refusals.refuse(client, "rspamd", text="Rspamd: reject")
            refusals.refuse(client, "rspamd-later", text="Rspamd: soft reject")
            refusals.refuse(client, "clamd", text="VIRUS")
            deliver(client, "good@far.test", ANN, "250")
        server.reload(**{"clamd.infected": "defer"})
        with greet(server, STRANGER) as client:
            refusals.refuse(client, "clamd-later", text="VIRUS")
        server.reload(**{"clamd.infected": "junk"})
        with submit(server) as client:
            refusals.refuse(client, "outgoing-virus", recipient="x@far.test", text="VIRUS", sender=ANN)
    server.reload(**{"rspamd.address": "", "clamd.address": "", "filters.milters": [NOBODY]})
    with greet(server, STRANGER) as client:
        refusals.refuse(client, "filter-away")
    server.reload(**{"filters.milters": [NOBODY + " default=reject"]})
    with greet(server, STRANGER) as client:
        refusals.refuse(client, "filter-missing")


def test_every_ground_of_the_table_refuses_and_is_told_of(place):
    refusals = Refusals(place)
    with NameServer() as names:
        zones(names)
        server = house(place, {"dns.servers": [names.address], "dns.trust_anchor": "", "verify.enabled": True,
                               "verify.exempt": [], "verify.spf_fail": "reject", "verify.unclear_author": "reject",
                               "verify.sender_domains": "reject", "spam.hello": "reject", "spam.lists": ["bl.test refuse"],
                               "spam.link_lists": ["links.test weight=9 refuse"]})
        place.hongyan("account", "disable", BOB)
        place.hongyan("account", "add", "full@example.test", "--quota-bytes", "1", input=b"correct horse")
        place.hongyan("suppression", "add", ANN, "gone@far.test")
        for group in (strangers, limits, accounts, filters):
            group(server, refusals)
            refusals.told()
    expect(len(refusals.rows) > 30, "the table is there")
    for code, path in UNIT_TESTS.items():
        expect(f'"{code}"' in (ROOT / path).read_text(), f"{path} shows {code}")
    missing = set(refusals.rows) - refusals.seen - set(UNIT_TESTS)
    expect(not missing, f"nobody has refused on the grounds {sorted(missing)}")
