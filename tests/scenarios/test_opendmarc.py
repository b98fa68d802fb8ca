"""OpenDMARC as a milter of our server: it believes our Authentication-Results, asks names of its own, and comes to our
verdict."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

from harness import HOSTNAME, PATIENCE, Skipped, expect
from name_server import NameServer
from organizations import Organizations, results_in, taken_in
from signer import Key, signed
from test_filters import Program
from test_rspamd import PLAIN, found_by_us, letter, mail_of_all_kinds, publish, send

WORLD = pathlib.Path(__file__).parent / "filters" / "world_of_names.py"
# Where OpenDMARC does not do as the RFC says: what is right, and what it finds.
ITS_WAY = {
    # RFC 7489 section 6.6.3, step 2: a record of another version is thrown away.
    "a record that is none": (("none", "none"), ("permerror", "none")),
    # Step 6.2 there: without a policy that makes sense DMARC is not applied. authheaders finds none, too.
    "a record without a policy": (("none", "none"), ("permerror", "none")),
    "a record with an sp that nobody knows": (("none", "none"), ("permerror", "none")),
    # Step 5 there: with several records DMARC is not applied.
    "two records": (("none", "none"), ("fail", "reject")),
    # RFC 7489 section 3.2: by the list's rules a domain that none of them fits is below one of a label.
    "below a suffix that is not in the list": (("pass", "reject"), ("none", "none")),
}
SUFFIXES = "/usr/share/publicsuffix/public_suffix_list.dat"


class OpenDmarc(Program):
    """In a network of its own, where our names are those of port 53; it is reached through a socket in a folder."""

    def __init__(self, place, names):
        program = shutil.which("opendmarc", path=f"{os.environ['PATH']}:/usr/sbin")
        if not program:
            raise Skipped("opendmarc is not here: its verdict was not asked for")
        alone = ["unshare", "--net", "--mount", "--propagation", "private"]
        if os.geteuid() != 0:
            alone[1:1] = ["--user", "--map-root-user"]
        if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode != 0:
            raise Skipped("nobody may make a network of his own here, so OpenDMARC would not find our names")
        folder = place.folder / "opendmarc"
        folder.mkdir()
        (folder / "names.json").write_text(json.dumps([[*name, values] for name, values in names.records.items()]))
        (folder / "strangers").write_text("192.0.2.1\n")
        self.socket = folder / "socket"
        settings = {"AuthservID": "opendmarc.test", "TrustedAuthservIDs": HOSTNAME, "Socket": f"local:{self.socket}",
                    "IgnoreHosts": folder / "strangers", "RejectFailures": "false", "Syslog": "false",
                    "SPFSelfValidate": "false", "RequiredHeaders": "false", "UMask": "0"}
        if os.path.exists(SUFFIXES):
            settings["PublicSuffixList"] = SUFFIXES
        (folder / "conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        super().__init__(place, *alone, sys.executable, WORLD, folder, program, "-f", "-c", folder / "conf",
                         path=self.socket)

    def __exit__(self, *_):
        # The program within is a child of the world's.
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split() if self.process.poll() is None else ():
            os.kill(int(child), signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            super().__exit__()


def mail_of_more_kinds(key):
    """What differs in who the author is. Name, client, sender, message."""
    good = "eve@good.example"
    for name, author in (("two authors of one domain", b"a@good.example, b@good.example"),
                         ("a name that is an address", b"\"eve@good.example\" <eve@strict.example>"),
                         ("capitals", b"EVE@GOOD.Example"), ("below a public suffix of two labels", b"eve@shop.seller.co.uk"),
                         ("beside it", b"eve@buyer.co.uk"),
                         ("below a suffix that is not in the list", b"eve@x.y.good.example")):
        yield name, "127.0.0.1", good, letter("good.example", name).replace(b"Eve <eve@good.example>", author)
    seller = letter("shop.seller.co.uk", "seller")
    yield "signed for the organization", "127.0.0.2", "eve@nothing.example", signed(seller, key, PLAIN % "seller.co.uk")
    yield "signed for another below co.uk", "127.0.0.2", "eve@nothing.example", signed(seller, key, PLAIN % "buyer.co.uk")
    yield "a policy for what is below", "127.0.0.2", good, letter("x.below.com", "sp")
    yield "a record that is none", "127.0.0.2", good, letter("broken.example", "broken")
    yield "a record without a policy", "127.0.0.2", good, letter("nop.example", "nop")
    yield "a record with an sp that nobody knows", "127.0.0.2", good, letter("oddsp.example", "oddsp")
    yield "a record with an empty sp", "127.0.0.2", good, letter("nosp.example", "nosp")
    yield "two records", "127.0.0.2", good, letter("twice.example", "twice")
    yield "the null reverse-path", "127.0.0.1", "", letter("good.example", "null")


def verdict_in(results):
    """dmarc=, and what the domain asks for."""
    found = re.search(r"dmarc=(\w+)(?: \(p=(\w+))?", results)
    return (found[1], found[2] or "none") if found else None


def test_opendmarc_comes_to_our_verdict(place):
    with NameServer() as names:
        key = Key(place.folder, "t", 1024)
        publish(names, key)
        for domain in ("seller.co.uk", "buyer.co.uk"):
            names.add(f"t._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
        names.add("_dmarc.seller.co.uk", "TXT", "v=DMARC1; p=reject")
        names.add("_dmarc.below.com", "TXT", "v=DMARC1; p=reject; sp=quarantine")
        names.add("_dmarc.broken.example", "TXT", "v=DMARC2; p=reject")
        names.add("_dmarc.nop.example", "TXT", "v=DMARC1; sp=reject")
        names.add("_dmarc.oddsp.example", "TXT", "v=DMARC1; p=reject; sp=perhaps")
        names.add("_dmarc.nosp.example", "TXT", "v=DMARC1; p=reject; sp=")
        names.add("_dmarc.twice.example", "TXT", "v=DMARC1; p=reject", "v=DMARC1; p=reject")
        place.make_account()
        with OpenDmarc(place, names) as filter:
            server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                                  "verify.dmarc": "report", "filters.milters": [f"unix:{filter.socket}"]})
            differences = []
            for name, client, sender, message in (*mail_of_all_kinds(key), *mail_of_more_kinds(key)):
                code, words = send(server, client, sender, message)
                expect(code == 250, (name, code, words))
                newest = max(row["uid"] for row in place.listing("message", "list", "ann@example.test"))
                raw = place.hongyan("message", "show", "ann@example.test", newest, "--raw").decode()
                theirs = re.search(r"Authentication-Results: opendmarc.test;((?:.|\r?\n[ \t])*)", raw)
                ours, theirs = verdict_in(found_by_us(place, "INBOX")), theirs and verdict_in(theirs[1])
                if name in ITS_WAY:
                    expect(ours == ITS_WAY[name][0], (name, ours))
                    ours = ITS_WAY[name][1] if theirs != ours else ours
                if ours != theirs:
                    differences.append(f"{name}: we found {ours}, OpenDMARC {theirs}")
            expect(not differences, "\n".join(differences))


def is_aligned_but_not_strictly(results, author, names):
    """Whether all that passed of the author's organization is not his very domain, as adkim=s or aspf=s wants it."""
    owner = re.search(r"\w+\.(?:com|co\.uk|github\.io)$", author)[0]
    record, = names.records.get((f"_dmarc.{author}", "TXT")) or names.records.get((f"_dmarc.{owner}", "TXT")) or ("",)
    passed = [("aspf=s", domain) for domain in re.findall(r"spf=pass [^;]*smtp\.mailfrom=\S*@([\w.]+)", results)] \
        + [("adkim=s", domain) for domain in re.findall(r"dkim=pass [^;]*header\.d=([\w.]+)", results)]
    of_owner = [(tag, domain) for tag, domain in passed if domain == owner or domain.endswith("." + owner)]
    return bool(of_owner) and all(tag in record and domain != author for tag, domain in of_owner)


def test_opendmarc_comes_to_our_verdict_by_chance(place):
    """Alignment of both kinds, policies for what is below, percentages, several signatures, organizations below suffixes of
    one label and of two."""
    with NameServer() as names:
        many = Organizations(names, Key(place.folder, "t", 1024))
        cases = list(many.mail(150))
        place.make_account()
        with OpenDmarc(place, names) as filter:
            server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                                  "verify.dmarc": "report", "filters.milters": [f"unix:{filter.socket}"],
                                  "login.plain_networks": ["127.0.0.0/8"], "smtp.transactions": 1000})
            taken = taken_in(server, cases)
        differences, seen, strict = [], set(), 0
        for name, client, sender, message in cases:
            ours, theirs = (verdict_in(results_in(taken[name], host) or "") for host in (HOSTNAME, "opendmarc.test"))
            seen.add(ours)
            author = re.search(rb"<eve@(.*)>\r\nTo:", message)[1].decode()
            # RFC 7489 sections 3.1.1 and 3.1.2: strict alignment wants the very domain. It takes any of the organization.
            if ours[0] == "fail" and is_aligned_but_not_strictly(results_in(taken[name]), author, names):
                strict += 1
                theirs = ours if theirs == ("pass", ours[1]) else theirs
            if ours != theirs:
                differences.append(f"{name}: we found {ours}, OpenDMARC {theirs}: {client} {sender} {results_in(taken[name])}")
        expect(not differences, f"{len(differences)}: " + "\n".join(differences[:5]))
        expect(len(seen) >= 7 and strict >= 3, f"of all kinds: {seen} {strict}")
