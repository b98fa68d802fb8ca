"""Mail of many organizations by chance, for those who judge it beside us. HONGYAN_SEED makes others."""
import contextlib
import os
import random
import re
import smtplib

from harness import HOSTNAME, PATIENCE, expect
from signer import seal, signed
from test_filters import popped

ANN = "ann@example.test"
SEED = int(os.environ.get("HONGYAN_SEED", "7489"))
# As the Public Suffix List has them: of one label, of two, and of somebody who gives names away (its private part).
SUFFIXES = ["com", "co.uk", "github.io"]
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # who may send for an organization, and who may not
BELOW = ["", "", "a.", "b.", "x.a."]
SPF = ["ip4:127.0.0.1 -all", "ip4:127.0.0.0/31 ~all", "a:hosts.com ?all", "mx:hosts.com -all", "exists:%{i}.hosts.com ~all",
       "include:hosts.com -all", "redirect=hosts.com", "ip6:::1 ?all", "-ip4:127.0.0.2 ip4:127.0.0.1 ?all"]
LETTER = "From: Eve <eve@{}>\r\nTo: ann@example.test\r\nSubject: {}\r\nMessage-ID: <{}@far.example>\r\n" \
         "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\nHello Ann\r\n"
DKIM = " v=1; a=rsa-sha256; c={}; d={}; s=t; h=from:to:subject:date; bh={{bh}}; b={{b}}"
MESSAGE = " i=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=t; h=from:to:subject; bh={{bh}}; b={{b}}"
SEAL = " i=1; a=rsa-sha256; t=1790000000; cv=none; d={}; s=t; b={{b}}"


class Organizations:
    """Their records in DNS, and mail in their names. All keys are one."""

    def __init__(self, names, key, percentages=True, separators=("; ", ";", " ; "), count=24):
        self.chance, self.key, self.percentages, self.separators = random.Random(SEED), key, percentages, separators
        print(f"HONGYAN_SEED={SEED}", flush=True)
        self.signers = set()  # the domains that have a key
        self.owners = [f"o{number}.{SUFFIXES[number % len(SUFFIXES)]}" for number in range(count)]
        names.add("hosts.com", "A", HERE)
        names.add("hosts.com", "MX", (10, "hosts.com"))
        names.add("hosts.com", "TXT", f"v=spf1 ip4:{HERE} -all")
        names.add(f"{HERE}.hosts.com", "A", "127.0.0.9")
        for owner in self.owners:
            has_record = self.chance.random() < 0.85
            for place in dict.fromkeys(BELOW):
                if self.chance.random() < 0.9:
                    names.add(place + owner, "TXT", f"v=spf1 {self.chance.choice(SPF)}")
                if self.chance.random() < 0.8:
                    names.add(f"t._domainkey.{place}{owner}", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
                    self.signers.add(place + owner)
                # Below an organization without one a record would count by RFC 9989 only.
                if has_record and (not place or self.chance.random() < 0.15):
                    names.add(f"_dmarc.{place}{owner}", "TXT", self.policy())

    def policy(self):
        tags = [f"p={self.chance.choice(['none', 'quarantine', 'reject'])}"]
        for tag, values, often in (("sp", ["none", "quarantine", "reject"], 0.4), ("adkim", "rs", 0.5), ("aspf", "rs", 0.5),
                                   ("pct", ["0", "30", "100"], 0.3 if self.percentages else 0), ("rua", ["mailto:d@hosts.com"], 0.2),
                                   ("new", ["x"], 0.2)):
            if self.chance.random() < often:
                tags.append(f"{tag}={self.chance.choice(values)}")
        return self.chance.choice(self.separators).join(["v=DMARC1", *tags]) + self.chance.choice(["", ";"])

    def somewhere(self, owner, author):
        """A domain that has perhaps to do with the author's."""
        beside = self.chance.choice(BELOW) + owner
        return self.chance.choice([author, beside, beside, self.chance.choice(self.owners)])

    def signature(self, letter, domain):
        """The field alone; perhaps of a letter that was another one."""
        changed = self.chance.random() < 0.25
        of = letter.replace(b"Hello", b"Hallo") if changed else letter
        forms = self.chance.choice(["relaxed/relaxed", "simple/simple", "relaxed/simple"])
        return signed(of, self.key, DKIM.format(forms, domain))[:-len(of)]

    def chain(self, letter, domain):
        """One that somebody has sealed, perhaps changed then."""
        results = b"ARC-Authentication-Results: i=1; far.example; spf=pass\r\n"
        message = signed(letter, self.key, MESSAGE.format(domain), "ARC-Message-Signature")[:-len(letter)]
        sealed = seal(message + results + letter, self.key, SEAL.format(domain), [(results, message)])
        return sealed.replace(b"spf=pass", b"spf=fail") if self.chance.random() < 0.4 else sealed

    def mail(self, count, chains=0.0):
        """So many: name, client, sender, message."""
        for number in range(count):
            owner = self.chance.choice(self.owners)
            author = self.chance.choice(BELOW) + owner
            sender = f"eve@{self.somewhere(owner, author)}"
            message = letter = LETTER.format(author, f"case{number}", f"case{number}").encode()
            if self.chance.random() < chains:
                message = self.chain(letter, self.chance.choice(self.owners))
            for _ in range(self.chance.choice([0, 0, 1, 1, 2, 3])):
                message = self.signature(letter, self.somewhere(owner, author)) + message
            yield f"case{number}", self.chance.choice([HERE, ELSEWHERE]), sender, message


def taken_in(server, cases):
    """Sent by one connection for each client; what has come of each, by its name, with LF."""
    with contextlib.ExitStack() as stack:
        clients = {address: stack.enter_context(smtplib.SMTP("127.0.0.1", server.ports["smtp"], "client.example", PATIENCE,
                                                             (address, 0))) for address in (HERE, ELSEWHERE)}
        for _, client, sender, message in cases:
            clients[client].sendmail(sender, [ANN], message)
    taken = {re.search(r"^Subject: (.*)$", text, re.M)[1]: text for text in popped(server)}
    expect(len(taken) == len(cases), f"{len(taken)} of {len(cases)} are in the mailbox")
    return taken


def results_in(text, host=HOSTNAME):
    """Authentication-Results of that host."""
    found = re.search(rf"^Authentication-Results: {re.escape(host)};((?:.|\n[ \t])*)", text, re.M)
    return found and found[1]
