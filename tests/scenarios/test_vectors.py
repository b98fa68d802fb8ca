"""Cases of our own for SPF, DKIM, ARC and DMARC (tests/vectors/verify), put to the commands as an administrator would,
with names on loopback. Each case says which section of which RFC it is of."""
import concurrent.futures
import json
import os
import pathlib
import re

from harness import Skipped, expect
from name_server import NameServer
from signer import Key, seal, signed
from test_verify import debian_module

VECTORS = pathlib.Path(__file__).parent.parent / "vectors" / "verify"
OTHERS = pathlib.Path(os.environ.get("HONGYAN_VECTORS", pathlib.Path(__file__).parents[3] / "shared" / "vectors"))
SUITE = OTHERS / "spf" / "rfc7208-tests.yml"
AT_ONCE = 4


def read(name):
    return json.loads((VECTORS / name).read_text())


def spelled_out(text):
    """"{words*3}" is words that stand there three times."""
    return re.sub(r"\{([^{}]*)\*(\d+)\}", lambda found: found[1] * int(found[2]), text)


def in_dns(value):
    """A TXT value of the tables: text, or strings of which none is too long."""
    if not isinstance(value, list):
        return spelled_out(value)
    parts = [spelled_out(part).encode() for part in value]
    return [part[at:at + 255] for part in parts for at in range(0, max(len(part), 1), 255)]


def tell(names, records):
    """Tells the name server {name: {type: [value, ...]}}."""
    for name, kinds in records.items():
        for kind, values in kinds.items():
            for value in values:
                names.add(name.lower(), kind, in_dns(value) if kind == "TXT" else value)


def said(place, names, *words, **options):
    """The verdict, and the lines behind it."""
    host, port = names.address.split("@")
    lines = place.hongyan(*words, "--resolver", f"{host}:{port}", **options).decode().splitlines()
    return (lines or ["nothing"])[0].split()[0], lines


def all_right(cases, play):
    """Plays the cases, and fails with all that came out otherwise. `play` gives what is wrong, or nothing. On a machine
    that is busy a name server may be late, which is a temperror; then it is asked once more."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [(case, problem) for case, problem in zip(cases, pool.map(play, cases)) if problem]
    late = ("temperror", "DNS did not answer")
    wrong = [play(case) if any(words in problem for words in late) else problem for case, problem in wrong]
    wrong = list(filter(None, wrong))
    expect(not wrong, f"{len(wrong)} of {len(cases)}:\n" + "\n".join(wrong))


def spf_case(place, names, case):
    words = ["spf", "check", "--ip", case["ip"], f"--helo={case['helo']}", f"--mail-from={spelled_out(case['mail_from'])}"]
    verdict, lines = said(place, names, *words)
    right = verdict in case["verdicts"] and case.get("explanation", "") == "\n".join(lines[1:])
    return None if right else f"{case['what']}: {case['verdicts']} {case.get('explanation', '')!r}, not {lines}"


def test_spf_is_what_its_sections_say(place):
    table = read("spf.json")
    with NameServer() as names:
        cases = []
        for each in table["sets"]:
            tell(names, each["names"])
            names.broken |= set(each.get("broken", ()))
            cases += [dict(zip(table["columns"], row)) for row in each["cases"]]
        for case in cases:
            case["verdicts"] = [case["verdict"]]
        all_right(cases, lambda case: spf_case(place, names, case))


def tell_as_the_suite_does(names, zone):
    """SPF records stand for TXT records where there are none; behind TIMEOUT nothing is known of a name."""
    for name, records in zone.items():
        name = name.lower().rstrip(".")
        names.records.setdefault((name, "ANY"), [])
        has_txt = any(isinstance(record, dict) and "TXT" in record for record in records)
        for record in records:
            if record == "TIMEOUT":
                names.broken |= {(name, kind) for kind in ("A", "AAAA", "MX", "PTR", "TXT")
                                 if (name, kind) not in names.records}
                break
            (kind, value), = record.items()
            if value == "NONE" or (kind == "SPF" and has_txt):
                continue
            names.add(name, "TXT" if kind == "SPF" else kind, value)


def test_the_suite_of_openspf_passes_by_command(place):
    if not SUITE.exists():
        raise Skipped(f"{SUITE} is not here: no case of others was tried")
    yaml = debian_module("yaml", "python3-yaml")
    count = 0
    for each in yaml.safe_load_all(SUITE.read_text()):
        with NameServer() as names:
            tell_as_the_suite_does(names, each["zonedata"])
            cases = []
            for name, test in each["tests"].items():
                verdicts = test["result"] if isinstance(test["result"], list) else [test["result"]]
                explanation = test.get("explanation")
                cases.append({"what": name, "ip": test["host"], "helo": test["helo"], "mail_from": test["mailfrom"],
                              "verdicts": verdicts, "explanation": "" if explanation in (None, "DEFAULT") else explanation})
            all_right(cases, lambda case: spf_case(place, names, case))
            count += len(cases)
    expect(count == 203, count)


class Signing:
    """Keys and their records, as a table names them."""

    def __init__(self, place, names, table):
        self.keys = {name: Key(place.folder, name, kind) for name, kind in table["keys"].items()}
        self.names = names
        self.tell(table["records"])
        for name, target in table.get("aliases", {}).items():
            names.add(name, "CNAME", target)
        names.broken |= set(table.get("broken", ()))

    def filled_in(self, text):
        for name, key in self.keys.items():
            text = text.replace(f"{{{name}}}", key.public)
            text = text.replace(f"{{{name}.spread}}", " \t ".join(re.findall(".{1,40}", key.public)))
            text = text.replace(f"{{{name}.bare}}", key.bare if key.is_rsa else "")
        return text

    def tell(self, records):
        for name, values in records.items():
            name = re.sub(r"\{ace:(.*?)\}", lambda found: found[1].encode("idna").decode(), name)
            for value in values:
                parts = [self.filled_in(part) for part in value] if isinstance(value, list) else self.filled_in(value)
                self.names.add(name.lower(), "TXT", in_dns(parts))


def letter_of(table, case):
    header = "\r\n".join(case.get("letter", table["letter"])) + "\r\n"
    if case.get("no_body"):
        return header.encode()
    return (header + "\r\n" + spelled_out(case.get("body", table["body"]))).encode()


def changed(message, case):
    """The message after what happens to it on its way."""
    for old, new in case.get("then", ()):
        expect(old.encode() in message, f"{case['what']}: there is no {old!r}")
        message = message.replace(old.encode(), new.encode(), 1)
    if "cut" in case:  # so many digits of the newest signature
        message = re.sub(rb"(\bb=).{%d}" % case["cut"], rb"\1", message, count=1)
    if case.get("fold"):
        message = re.sub(rb"(\bb=)([^;\r]{30})([^;\r]{30})", rb"\1\r\n\t\2\r\n  \3", message, count=1)
    return message.replace(b"\r\n", b"\n") if case.get("lf") else message


def dkim_case(place, names, signing, table, case):
    message = letter_of(table, case)
    for selector, *changes in case["sign"]:
        text = table["plain"]
        for change in changes:
            old, new = change.split(">", 1)
            expect(old in text, f"{case['what']}: there is no {old!r} in {text}")
            text = text.replace(old, new, 1)
        message = signed(message, signing.keys[selector], text)
    verdict, lines = said(place, names, "dkim", "verify", input=changed(message, case))
    return None if verdict == case["result"] else f"{case['what']}: {case['result']}, not {lines}"


def test_dkim_is_what_its_sections_say(place):
    table = read("dkim.json")
    with NameServer() as names:
        signing = Signing(place, names, table)
        for case in table["cases"]:
            signing.tell(case.get("records", {}))
        all_right(table["cases"], lambda case: dkim_case(place, names, signing, table, case))


class Chain:
    """A letter that is sealed again and again (RFC 8617)."""

    def __init__(self, signing, table, message):
        self.signing, self.plain, self.message, self.sets = signing, table["plain"], message, []

    def text(self, which, number, changes):
        text = self.plain[which].replace("{i}", str(number)).replace("{cv}", "none" if number == 1 else "pass")
        for change in changes.get(which, ()):
            old, new = change.split(">", 1)
            expect(old in text, f"there is no {old!r} in {text}")
            text = text.replace(old, new, 1)
        return text

    def add(self, changes):
        """The next set; `changes` may give it another number, another key, other texts, or leave fields out."""
        number = changes.get("i", len(self.sets) + 1)
        key = self.signing.keys[changes.get("key", "r")]
        results = f"ARC-Authentication-Results:{self.text('results', number, changes)}\r\n".encode()
        below = results + self.message
        message = signed(self.message, key, self.text("message", number, changes), "ARC-Message-Signature",
                         unnamed=changes.get("unnamed", "simple/simple"))
        message = message[:-len(self.message)]
        sealed = seal(below, key, self.text("seal", number, changes), [*self.sets, (results, message)])
        own = sealed[:-len(below)]
        self.sets.append((results, message, own))
        parts = {"seal": own, "message": message, "results": results}
        self.message = b"".join(parts[name] for name in changes.get("order", ("seal", "message", "results"))) + self.message


def arc_case(place, names, signing, table, case):
    chain = Chain(signing, table, letter_of(table, case))
    for changes in case["sets"]:
        chain.add(changes)
    verdict, lines = said(place, names, "arc", "verify", input=changed(chain.message, case))
    return None if verdict == case["result"] else f"{case['what']}: {case['result']}, not {lines}"


def test_arc_is_what_its_sections_say(place):
    table = read("arc.json")
    with NameServer() as names:
        signing = Signing(place, names, table)
        all_right(table["cases"], lambda case: arc_case(place, names, signing, table, case))
        # RFC 8617 section 4.2.1: fifty, and no more.
        chain = Chain(signing, table, letter_of(table, {}))
        for number in range(1, 52):
            chain.add({"key": "k", "message": ["s=r>s=k"], "seal": ["s=r>s=k"]})
            if number >= 50:
                found = said(place, names, "arc", "verify", input=chain.message)
                expect(found[0] == ("pass" if number == 50 else "fail"), (number, found))


def dmarc_case(place, names, signing, table, case):
    message = letter_of(table, {"letter": case["header"]})
    for domain in case["signed_by"]:
        message = signed(message, signing.keys["r"], table["plain"].replace("{d}", domain))
    found = json.loads("\n".join(said(place, names, "dmarc", "check", "--ip", case["ip"], f"--helo={case['helo']}",
                                      f"--mail-from={case['mail_from']}", "--json", input=message)[1]))
    got = [found["result"], found["policy"], found["record_domain"]]
    wanted = [case["verdict"], case["policy"], case["record"]]
    return None if got == wanted else f"{case['what']}: {wanted}, not {got}: {found['reason']}"


def test_dmarc_is_what_its_sections_say(place):
    table = read("dmarc.json")
    with NameServer() as names:
        signing = Signing(place, names, {"keys": table["keys"], "records": {}, "broken": table["broken"]})
        tell(names, table["names"])
        signing.tell({f"r._domainkey.{domain}": ["v=DKIM1; p={r}"] for domain in table["signers"]})
        cases = [dict(zip(table["columns"], row)) for row in table["cases"]]
        all_right(cases, lambda case: dmarc_case(place, names, signing, table, case))
