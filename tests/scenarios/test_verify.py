"""Who sent this? The commands that judge mail, without a server, against names on loopback."""
import base64
import contextlib
import importlib
import ipaddress
import json
import os
import struct
import subprocess
import sys
import threading

from harness import Skipped, expect
from name_server import NameServer


def judge(place, names, *words, **options):
    """The lines that the command prints."""
    host, port = names.address.split("@")
    return place.hongyan(*words, "--resolver", f"{host}:{port}", **options).decode().splitlines()


def test_spf_says_the_verdict_first_and_the_domains_words_next(place):
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.0/28 exp=why.example.com -all")
        names.add("why.example.com", "TXT", "%{i} is none of %{d}'s")
        names.add("helo.example.com", "TXT", "v=spf1 a ~all")
        names.add("helo.example.com", "A", "192.0.2.9")
        names.add("broken.example.com", "TXT", "v=spf1 ip4:nonsense -all")
        names.broken.add("down.example.com")
        check = ["spf", "check", "--helo", "helo.example.com"]
        lines = judge(place, names, *check, "--ip", "192.0.2.77", "--mail-from", "ann@example.com")
        expect(lines == ["fail 192.0.2.77 may not send for example.com (-all)", "192.0.2.77 is none of example.com's"],
               lines)
        rows = [("192.0.2.1", "<ann@example.com>", "pass"), ("192.0.2.9", "", "pass"), ("2001:db8::1", "", "softfail"),
                ("192.0.2.1", "ann@nowhere.example.com", "none"), ("192.0.2.1", "ann@broken.example.com", "permerror"),
                ("192.0.2.1", "ann@down.example.com", "temperror")]
        for address, sender, verdict in rows:
            lines = judge(place, names, *check, "--ip", address, "--mail-from", sender)
            expect(lines[0].split()[0] == verdict and len(lines) == 1, (sender, lines))
        found = json.loads(judge(place, names, *check, "--ip", "192.0.2.1", "--mail-from", "a@example.com", "--json")[0])
        expect(found["result"] == "pass" and found["mechanism"] == "ip4:192.0.2.0/28", found)
    for address in ("nonsense", "", "192.0.2", "192.0.2.1/32", "fe80::1%lo", "192.0.2.01"):
        place.hongyan(*check, "--ip", address, code=65)
    for server in ("nowhere", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:5x", ":53", "*:53", "127.1:53",
                   "no.such.host.invalid:53"):
        place.hongyan(*check, "--ip", "192.0.2.1", "--resolver", server, code=65)
    place.hongyan("spf", "check", code=64)


def test_a_sender_may_be_written_as_it_was_said(place):
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.1 exp=why.example.com -all")
        names.add("why.example.com", "TXT", "%{s} %{h}")
        rows = [("ann@example.com", "ann@example.com"), ("<ann@example.com>", "ann@example.com"),
                (" ann@example.com\n", "ann@example.com"), ("<@relay.test,@b.test:ann@example.com>", "ann@example.com"),
                ("@example.com", "postmaster@example.com"), ("example.com", "postmaster@example.com"),
                ('"a b"@example.com', '"a b"@example.com'), ("a@b@example.com", "a@b@example.com")]
        for sender, meant in rows:
            lines = judge(place, names, "spf", "check", "--ip", " 192.0.2.2 ", "--helo", " h.test", "--mail-from", sender)
            expect(lines[0].split()[0] == "fail" and lines[1] == f"{meant} h.test", (sender, lines))
        for words in ([], ["--helo="], ["--mail-from=<>"], ["--helo", "h", "--mail-from", "ann"]):
            lines = judge(place, names, "spf", "check", "--ip", "192.0.2.2", *words)
            expect(lines[0].split()[0] == "none" and len(lines) == 1, (words, lines))


def test_a_server_that_is_named_is_believed_about_every_name(place):
    """Names for trials and addresses of this machine, which a resolver for the world answers by itself."""
    with NameServer() as names:
        names.add("x.invalid", "TXT", "v=spf1 ptr -all")
        names.add("client.x.invalid", "A", "127.0.0.5", "10.1.2.3")
        names.add("client.x.invalid", "AAAA", "::1", "fd00::1")
        names.add("x.home.arpa", "TXT", "v=spf1 a:host.x.home.arpa -all")
        names.add("host.x.home.arpa", "A", "192.0.2.1")
        lines = judge(place, names, "spf", "check", "--ip", "192.0.2.1", "--mail-from", "a@x.home.arpa")
        expect(lines[0].split()[0] == "pass", lines)
        for address in ("127.0.0.5", "10.1.2.3", "::1", "fd00::1"):
            names.add(ipaddress.ip_address(address).reverse_pointer, "PTR", "client.x.invalid")
            lines = judge(place, names, "spf", "check", "--ip", address, "--mail-from", "a@x.invalid")
            expect(lines[0].split()[0] == "pass", (address, lines))


def test_the_first_ten_names_of_a_client_count(place):
    """RFC 7208 section 4.6.4: of ptr and %{p} the first ten, which are the same whenever one asks."""
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ptr exp=why.example.com -all")
        names.add("why.example.com", "TXT", "%{p}")
        for right in range(12):
            for number in range(12):
                host = f"host{number}.{right}.example.com"
                names.add(f"{right}.2.0.192.in-addr.arpa", "PTR", host)
                names.add(host, "A", f"192.0.2.{right}" if number == right else "10.0.0.1")
            for _ in range(3):
                lines = judge(place, names, "spf", "check", "--ip", f"192.0.2.{right}", "--mail-from", "a@example.com")
                verdict = lines[0].split()[0]
                expect(verdict == ("pass" if right < 10 else "fail"), (right, lines))
                expect(right < 10 or lines[1] == "unknown", lines)


def test_an_address_in_other_clothes_is_the_same_client(place):
    """RFC 4291 section 2.5.5.2: of an IPv4 address that is mapped into IPv6 everything is asked as of the address."""
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.9 exp=why.example.com -all")
        names.add("why.example.com", "TXT", "%{c} %{i} %{v}")
        names.add("9.2.0.192.in-addr.arpa", "PTR", "mail.example.com")
        names.add("mail.example.com", "A", "192.0.2.9")
        check = ["dmarc", "check", "--mail-from", "ann@example.com", "--json"]
        for address in ("192.0.2.9", "::ffff:192.0.2.9", "::FFFF:c000:0209"):
            found = json.loads(judge(place, names, *check, "--ip", address, input=b"From: ann@example.com\r\n\r\n")[0])
            expect((found["spf"], found["iprev"]) == ("pass", "pass"), found)
            expect("policy.iprev=192.0.2.9" in found["authentication_results"], found)
        lines = judge(place, names, "spf", "check", "--ip", "::ffff:192.0.2.8", "--mail-from", "ann@example.com")
        expect(lines == ["fail 192.0.2.8 may not send for example.com (-all)", "192.0.2.8 192.0.2.8 in-addr"], lines)


def test_the_name_server_may_have_a_name(place):
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.9 -all")
        port = names.address.split("@")[1]
        check = ["spf", "check", "--ip", "192.0.2.9", "--mail-from", "ann@example.com", "--resolver"]
        for server in (f"localhost:{port}", f"LocalHost:{port}", f"127.0.0.1@{port}", f"[127.0.0.1]:{port}"):
            printed = place.hongyan(*check, server).decode()
            expect(printed.startswith("pass "), (server, printed))


def test_aliases_are_followed_but_not_for_ever(place):
    """RFC 1034 section 3.6.2: chains are followed, circles are an error; that is no word about the domain."""
    with NameServer() as names:
        for length in (10, 30):
            for number in range(length):
                names.add(f"{length}-{number}.example", "CNAME", f"{length}-{number + 1}.example")
            names.add(f"{length}-{length}.example", "TXT", "v=spf1 ip4:192.0.2.1 -all")
        names.add("a.example", "CNAME", "b.example")
        names.add("b.example", "CNAME", "a.example")
        names.add("c.example", "CNAME", "nowhere.example")
        rows = [("10-0", "pass"), ("30-0", "temperror"), ("a", "temperror"), ("c", "none")]
        for name, verdict in rows:
            lines = judge(place, names, "spf", "check", "--ip", "192.0.2.1", "--mail-from", f"a@{name}.example")
            expect(lines[0].split()[0] == verdict, (name, lines))


class OddServer(NameServer):
    """One that says things another way than its elders; `way` names it."""

    def __init__(self, way):
        super().__init__()
        self.way = way

    def _answer(self, query):
        whole = super()._answer(query)
        question = self._question(query)[0]
        flags, _, answers = struct.unpack("!3H", whole[2:8])
        if self.way == "bare":  # no flags but that it is an answer
            return whole[:2] + struct.pack("!H", 0x8000 | flags & 15) + whole[4:]
        if self.way == "without authority" and not answers:
            return whole[:2] + struct.pack("!5H", flags, 1, 0, 0, 0) + question
        if self.way == "without EDNS" and struct.unpack("!H", query[10:12])[0]:
            return whole[:2] + struct.pack("!5H", 0x8181, 1, 0, 0, 0) + question
        if self.way.isdigit():  # a code of error
            return whole[:2] + struct.pack("!5H", 0x8180 | int(self.way), 1, 0, 0, 0) + question
        return whole


def test_name_servers_of_all_kinds_are_understood(place):
    rows = [("bare", "pass", "none"), ("without authority", "pass", "none"), ("without EDNS", "pass", "none"),
            ("1", "temperror", "temperror"), ("2", "temperror", "temperror"), ("3", "none", "none"),
            ("4", "temperror", "temperror"), ("5", "temperror", "temperror")]
    for way, known, unknown in rows:
        with OddServer(way) as names:
            names.add("example.com", "TXT", "v=spf1 a:gone.example.com ip4:192.0.2.1 -all")
            for sender, verdict in (("a@example.com", known), ("a@other.example", unknown)):
                lines = judge(place, names, "spf", "check", "--ip", "192.0.2.1", "--mail-from", sender)
                expect(lines[0].split()[0] == verdict, (way, sender, lines))


def test_a_text_record_as_no_dns_has_it_does_not_cost_the_others(place):
    with NameServer() as names:
        names.add("odd.example", "TXT", [], "v=spf1 ip4:192.0.2.1 -all")
        names.add("large.example", "TXT", [], *[f"some words {number} " * 10 for number in range(20)], "v=spf1 -all")
        names.add("alias.example", "CNAME", "odd.example")
        for sender, verdict in (("a@odd.example", "pass"), ("a@large.example", "fail"), ("a@alias.example", "pass")):
            lines = judge(place, names, "spf", "check", "--ip", "192.0.2.1", "--helo", "h.example", "--mail-from", sender)
            expect(lines[0].split()[0] == verdict, (sender, lines))


LETTER = (b"From: Ann <ann@example.com>\nTo: bob@example.org\nSubject: =?utf-8?q?Lunch?=\n  today\nDate: Sat, 21 Nov 2026 "
          b"12:00:00 +0000\nMessage-ID: <1@example.com>\n\nHi Bob,\n\ntoday  at one? \t\n\n\n")


def make_keys(place, names):
    """Two keys of example.com in files, with their records in DNS."""
    for selector, options in (("r", ["--bits", "2048"]), ("e", ["--type", "ed25519"])):
        made = place.hongyan("dkim", "make", "example.com", selector, place.folder / f"{selector}.pem", *options, "--json")
        found = json.loads(made)
        names.add(found["name"], "TXT", found["record"])


def sign(place, selector, message=LETTER):
    return place.hongyan("dkim", "sign", "example.com", selector, place.folder / f"{selector}.pem", input=message)


def test_dkim_keys_sign_and_what_they_sign_verifies(place):
    with NameServer() as names:
        make_keys(place, names)
        place.hongyan("dkim", "make", "example.com", "r", place.folder / "r.pem", code=73)
        expect((place.folder / "r.pem").stat().st_mode & 0o777 == 0o600, "nobody else reads the key")
        both = sign(place, "e", sign(place, "r"))
        lines = judge(place, names, "dkim", "verify", input=both)
        expect(lines == ["pass signed by example.com", "pass signed by example.com"], lines)
        found = json.loads(judge(place, names, "dkim", "verify", "--json", input=both)[0])
        expect([one["algorithm"] for one in found["signatures"]] == ["ed25519-sha256", "rsa-sha256"], found)
        expect(found["signatures"][1]["bits"] == 2048, found)
        path = place.folder / "letter.eml"
        path.write_bytes(both.replace(b"\r\n", b"\n"))
        expect(judge(place, names, "dkim", "verify", path)[0].split()[0] == "pass", "lines of LF are lines of CRLF")
        rows = [(both.replace(b"at one", b"at two"), "fail"), (LETTER, "none"),
                (both.replace(b"s=r;", b"s=x;").replace(b"s=e;", b"s=y;"), "permerror")]
        for message, verdict in rows:
            lines = judge(place, names, "dkim", "verify", input=message)
            expect(lines[0].split()[0] == verdict, (verdict, lines))
        names.broken |= {"z._domainkey.example.com"}
        lines = judge(place, names, "dkim", "verify", input=both.replace(b"s=r;", b"s=z;").replace(b"s=e;", b"s=z;"))
        expect(lines[0].split()[0] == "temperror", lines)
        expect(judge(place, names, "arc", "verify", input=both)[0].split()[0] == "none", "nobody has sealed it")
        check = ["dkim", "check", "example.com", "r"]
        expect(judge(place, names, *check, place.folder / "r.pem")[0].split()[0] == "pass", "DNS has the key")
        expect(judge(place, names, *check, place.folder / "e.pem")[0].split()[0] == "fail", "this is another")


def debian_module(name, package):
    """A Python module of Debian's, whichever Python runs this; or a skip."""
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Skipped(f"{package} is not here: its verdict was not asked for") from error
    finally:
        sys.path.remove("/usr/lib/python3/dist-packages")


def python_dkim(names):
    """dkimpy with our names, or a skip."""
    dkim = debian_module("dkim", "python3-dkim")

    def text(name, timeout=5):
        found = names.records.get((name.decode().rstrip("."), "TXT"))
        return found[0].encode() if found else None
    return dkim, text


def test_dkim_agrees_with_dkimpy(place):
    with NameServer() as names:
        dkim, text = python_dkim(names)
        make_keys(place, names)
        message = sign(place, "r")
        expect(dkim.verify(message, dnsfunc=text), "dkimpy verifies what we sign")
        expect(not dkim.verify(message.replace(b"one", b"two"), dnsfunc=text), "and sees what is changed")
        letter = LETTER.replace(b"\n", b"\r\n")
        for forms in ((b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")):
            field = dkim.sign(letter, b"r", b"example.com", (place.folder / "r.pem").read_bytes(), canonicalize=forms)
            lines = judge(place, names, "dkim", "verify", input=field + letter)
            expect(lines[0].split()[0] == "pass", (forms, lines))


def test_ed25519_agrees_with_dkimpy(place):
    debian_module("nacl.signing", "python3-nacl")
    with NameServer() as names:
        dkim, text = python_dkim(names)
        make_keys(place, names)
        message = sign(place, "e")
        expect(dkim.verify(message, dnsfunc=text), "dkimpy verifies what we sign")
        expect(not dkim.verify(message.replace(b"one", b"two"), dnsfunc=text), "and sees what is changed")
        pkcs8 = base64.b64decode("".join((place.folder / "e.pem").read_text().splitlines()[1:-1]))
        seed = base64.b64encode(pkcs8[-32:])  # RFC 8410 section 7: it ends with the key
        letter = LETTER.replace(b"\n", b"\r\n")
        field = dkim.sign(letter, b"e", b"example.com", seed, signature_algorithm=b"ed25519-sha256")
        lines = judge(place, names, "dkim", "verify", input=field + letter)
        expect(lines[0].split()[0] == "pass", lines)


OPENDKIM = "/usr/sbin/opendkim"


def opendkim(place, letter, settings):
    """What OpenDKIM prints of a message when it tests it with these settings."""
    folder = place.folder
    (folder / "opendkim.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    (folder / "letter.eml").write_bytes(letter.replace(b"\r\n", b"\n"))
    done = subprocess.run([OPENDKIM, "-x", folder / "opendkim.conf", "-t", folder / "letter.eml", "-v"], check=False,
                          capture_output=True, timeout=20)
    return (done.stdout + done.stderr).decode()


def test_dkim_agrees_with_opendkim(place):
    if not os.path.exists(OPENDKIM):
        raise Skipped("opendkim is not here: its verdict was not asked for")
    with NameServer() as names:
        make_keys(place, names)
        keys = place.folder / "keys"
        keys.write_text("".join(f"{name} {values[0]}\n" for (name, _), values in names.records.items()))
        verifying = {"TestDNSData": f"file:{keys}", "Mode": "v"}
        message = sign(place, "r")
        said = opendkim(place, message, verifying)
        expect("verification (s=r, d=example.com, 2048-bit key) succeeded" in said, said)
        said = opendkim(place, message.replace(b"one?", b"two?"), verifying)
        expect("failed" in said, said)
        for form in ("relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"):
            said = opendkim(place, LETTER, {"TestDNSData": f"file:{keys}", "Mode": "s", "Domain": "example.com",
                                            "Selector": "r", "KeyFile": place.folder / "r.pem", "Canonicalization": form,
                                            "RequireSafeKeys": "no", "InternalHosts": "0.0.0.0/0"})
            field = said[said.index("DKIM-Signature:"):].split("\nopendkim:")[0].rstrip("\n") + "\n"
            lines = judge(place, names, "dkim", "verify", input=field.encode() + LETTER)
            expect(lines[0].split()[0] == "pass", (form, lines, said))


def test_arc_agrees_with_dkimpy(place):
    with NameServer() as names:
        dkim, text = python_dkim(names)
        make_keys(place, names)
        key = (place.folder / "r.pem").read_bytes()
        letter = LETTER.replace(b"\n", b"\r\n")
        for instance, before in ((1, b"none"), (2, b"pass")):
            results = b"Authentication-Results: example.com; spf=pass; arc=" + before + b"\r\n"
            letter = b"".join(dkim.arc_sign(results + letter, b"r", b"example.com", key, b"example.com")) + letter
            expect(dkim.arc_verify(letter, dnsfunc=text)[0] == b"pass", "dkimpy believes itself")
            found = json.loads(judge(place, names, "arc", "verify", "--json", input=letter)[0])
            expect((found["result"], found["instances"]) == ("pass", instance), found)
        lines = judge(place, names, "arc", "verify", input=letter.replace(b"one?", b"two?"))
        expect(lines[0].split()[0] == "fail", lines)


MEMBERS = {
    "spf": "result identity domain mechanism explanation problem received_spf",
    "dkim": "result signatures",
    "arc": "result instances oldest_pass sealers first_results reason",
    "dmarc": "result domain record_domain policy disposition pct testing spf_aligned dkim_aligned reason spf dkim arc iprev "
             "sentence authentication_results",
}
OF_A_SIGNATURE = "result domain selector identity algorithm bits testing partial reason"
COMMANDS = {"spf": ["spf", "check", "--ip", "192.0.2.1"], "dkim": ["dkim", "verify"], "arc": ["arc", "verify"],
            "dmarc": ["dmarc", "check", "--ip", "192.0.2.1"]}


def test_the_object_has_the_same_members_whatever_comes(place):
    """docs/operating.md lists them."""
    with NameServer() as names:
        make_keys(place, names)
        for message in (sign(place, "r"), LETTER, b"", b"\n", b"no header\n", b"DKIM-Signature: x\n\n"):
            for which, words in COMMANDS.items():
                lines = judge(place, names, *words, "--json", input=message)
                expect(len(lines) == 1, lines)
                found = json.loads(lines[0])
                expect(list(found) == MEMBERS[which].split(), (which, list(found)))
                for each in found.get("signatures", ()):
                    expect(list(each) == OF_A_SIGNATURE.split(), list(each))
    nothing = place.folder / "nothing.eml"
    for words in (["dkim", "verify"], ["arc", "verify"], ["dmarc", "check", "--ip", "192.0.2.1"]):
        expect(place.hongyan(*words, nothing, code=67) == b"", "no verdict, no word")
        place.hongyan(*words, place.folder, code=74)
        place.hongyan(*words, nothing, nothing, code=64)


def test_a_message_is_read_however_it_was_kept(place):
    """As files have it: other line ends, none at the end, the first line of an mbox, octets and sizes of all kinds."""
    with NameServer() as names:
        make_keys(place, names)
        letter = LETTER.rstrip(b"\n").replace(b"\n", b"\r\n") + b"\r\n"
        whole = sign(place, "r", letter)
        lf = whole.replace(b"\r\n", b"\n")
        mbox = b"From ann@example.com Sat Nov 21 12:00:00 2026"
        for message in (whole, lf, whole[:-2], lf[:-1], whole.replace(b"\r\n", b"\n", 5), mbox + b"\r\n" + whole, mbox + b"\n" + lf,
                        sign(place, "r", b"X-A: " + b"y" * 1_000_000 + b"\r\n" + letter), sign(place, "r", b"X-A: y\r\n" * 20_000 + letter),
                        sign(place, "r", letter.replace(b"today", b"t\xf6d\xe4y \x00")), sign(place, "r", letter.split(b"\r\n\r\n")[0] + b"\r\n"),
                        whole.replace(b"Subject: ", b"this is no field\r\nSubject: ")):
            lines = judge(place, names, "dkim", "verify", input=message)
            expect(lines[0].split()[0] == "pass", (lines, message[:300], message[-50:]))
        for message in (b"", b"\n\nbody", b"words\n\x00\xff", mbox + b"\n"):
            for words, verdict in ((["dkim", "verify"], "none"), (["arc", "verify"], "none"),
                                   (["dmarc", "check", "--ip", "192.0.2.1"], "permerror")):
                lines = judge(place, names, *words, input=message)
                expect(lines[0].split()[0] == verdict, (words, message, lines))


ONE_ZONE = threading.Lock()


@contextlib.contextmanager
def pyspf(names):
    """pyspf with our names, or a skip. It asks by a function of the whole module, which scenarios share."""
    spf = debian_module("spf", "python3-spf")

    def look_up(name, kind, tcpfallback=True, timeout=5):
        found = names.records.get((name.rstrip(".").lower(), kind), [])
        return [((name, kind), [value.encode()] if kind == "TXT" else value) for value in found]
    with ONE_ZONE:
        spf.DNSLookup = look_up
        yield spf


def test_spf_agrees_with_pyspf(place):
    records = ["v=spf1 a mx -all", "v=spf1 include:other.example.com ~all", "v=spf1 exists:%{ir}.l.example.com ?all",
               "v=spf1 ip4:192.0.2.0/30 redirect=other.example.com", "v=spf1 a:void1.example.com mx:void2.example.com "
               "exists:void3.example.com all", "v=spf1 ptr:example.com -all", "v=spf1 nonsense", "v=spf1 a:x.example.com/0 -all"]
    with NameServer() as names, pyspf(names) as spf:
        names.add("other.example.com", "TXT", "v=spf1 ip4:192.0.2.0/29 -all")
        names.add("x.example.com", "A", "198.51.100.1")
        for number, record in enumerate(records):
            names.add(f"d{number}.example.com", "TXT", record)
            names.add(f"d{number}.example.com", "A", "192.0.2.1")
            names.add(f"d{number}.example.com", "MX", (10, "x.example.com"))
        for number in range(len(records)):
            for address in ("192.0.2.6", "203.0.113.5"):
                theirs = spf.check2(i=address, s=f"a@d{number}.example.com", h="h.example.com")[0]
                ours = judge(place, names, "spf", "check", "--ip", address, "--helo", "h.example.com", "--mail-from",
                             f"a@d{number}.example.com")[0].split()[0]
                expect(ours == theirs, (records[number], address, ours, theirs))


def test_dmarc_says_whether_the_author_is_vouched_for(place):
    with NameServer() as names:
        make_keys(place, names)
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.1 -all")
        names.add("_dmarc.example.com", "TXT", "v=DMARC1; p=reject; sp=quarantine; pct=50; rua=mailto:d@example.com")
        names.add("bounces.example.net", "TXT", "v=spf1 +all")
        names.broken.add("_dmarc.down.example")
        signed = sign(place, "r")
        rows = [("192.0.2.1", "ann@example.com", LETTER, "pass"), ("192.0.2.9", "ann@example.com", LETTER, "fail"),
                ("192.0.2.9", "x@bounces.example.net", LETTER, "fail"), ("192.0.2.9", "", signed, "pass"),
                ("192.0.2.1", "", LETTER.replace(b"@example.com>", b"@nothing.example>", 1), "none"),
                ("192.0.2.1", "", LETTER.replace(b"@example.com>", b"@down.example>", 1), "temperror")]
        for address, sender, message, verdict in rows:
            lines = judge(place, names, "dmarc", "check", "--ip", address, "--helo", "h.example.net", "--mail-from", sender,
                          input=message)
            expect(lines[0].split()[0] == verdict, (address, sender, verdict, lines))
        below = LETTER.replace(b"@example.com>", b"@sub.example.com>", 1)
        found = json.loads(judge(place, names, "dmarc", "check", "--ip", "192.0.2.9", "--helo", "h.example.net",
                                 "--mail-from", "a@h.example.net", "--json", input=below)[0])
        expect((found["result"], found["policy"], found["pct"]) == ("fail", "quarantine", 50), found)
        expect("dmarc=fail" in found["authentication_results"], found)


def test_dmarc_agrees_with_authheaders(place):
    authheaders = debian_module("authheaders", "python3-authheaders")
    records = {"example.com": "v=DMARC1; p=none", "example.org": "v=DMARC1; p=reject; adkim=s", "example.net": "v=DMARC1; p=none"}
    with NameServer() as names:
        make_keys(place, names)
        for domain, record in records.items():
            names.add(f"_dmarc.{domain}", "TXT", record)

        def text(name, *_, **__):
            name = (name if isinstance(name, str) else name.decode()).rstrip(".")
            found = names.records.get((name, "TXT"))
            if not found:
                return None
            return found[0] if name.startswith("_dmarc") else found[0].encode()
        for author in (b"example.com", b"sub.example.com", b"example.org", b"example.net", b"nothing.example"):
            message = sign(place, "r", LETTER.replace(b"@example.com>", b"@" + author + b">", 1))
            theirs = authheaders.authenticate_message(message, "mx.test", dnsfunc=text)
            ours = judge(place, names, "dmarc", "check", "--ip", "192.0.2.1", "--helo", "h.test", "--mail-from", "",
                         input=message)[0].split()[0]
            expect(f"dmarc={ours}" in theirs, (author, ours, theirs))
