"""Records and mail made by chance, judged by us and by Debian's pyspf, dkimpy, OpenDKIM and authheaders. HONGYAN_SEED makes
others of them, HONGYAN_CASES more."""
import json
import os
import random
import re
import subprocess

from harness import Skipped, expect
from name_server import NameServer
from signer import Key, signed
from test_vectors import all_right, said
from test_verify import OPENDKIM, debian_module, pyspf, python_dkim

CASES = int(os.environ.get("HONGYAN_CASES", "60"))
SEED = int(os.environ.get("HONGYAN_SEED", "7208"))


def by_chance():
    print(f"HONGYAN_SEED={SEED}", flush=True)
    return random.Random(SEED)


ZONE = "rnd.example"
HOSTS = [f"h{number}.{ZONE}" for number in range(6)]
NAMED = HOSTS[:4]  # to which the first addresses lead back
DOMAINS = [f"d{number}.{ZONE}" for number in range(8)]
ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.77", "198.51.100.1", "2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1"]


def macro(chance):
    letter = chance.choice("slodivhSLODIVH")
    return "%{" + letter + chance.choice(["", "", "1", "2", "3", "128"]) + chance.choice(["", "r"]) \
        + chance.choice(["", "", "-", ".", "+-", "_"]) + "}"


def domain_spec(chance):
    kind = chance.randrange(6)
    if kind == 0:
        return macro(chance) + "." + chance.choice(HOSTS)
    if kind == 1:
        return chance.choice(["a-b", "x%%y", "%{l}", "%{d1}"]) + "." + ZONE
    if kind == 2:
        return "nowhere" + str(chance.randrange(9)) + "." + ZONE
    return chance.choice(HOSTS + DOMAINS)


def mechanism(chance):
    prefix = chance.choice(["", "", "/24", "/32", "/0", "//64", "/30//128"])
    kinds = [
        lambda: "ip4:" + chance.choice(["192.0.2.1", "192.0.2.0/24", "198.51.100.0/25", "192.0.2.76/30", "10.0.0.0/8"]),
        lambda: "ip6:" + chance.choice(["2001:db8::/32", "2001:db8::2", "::1/0", "2001:db8::/127", "::ffff:192.0.2.1"]),
        lambda: "a" + prefix, lambda: "mx" + prefix,
        lambda: "a:" + domain_spec(chance) + prefix, lambda: "mx:" + domain_spec(chance) + prefix,
        lambda: "include:" + chance.choice(DOMAINS), lambda: "exists:" + domain_spec(chance),
        lambda: "ptr:" + ZONE, lambda: "exists:" + macro(chance) + "." + chance.choice(HOSTS),
    ]
    return chance.choice(["", "", "", "+", "-", "~", "?"]) + chance.choice(kinds)()


WRONG = ["ip4:192.0.2", "ip4:192.0.2.1/33", "a:", "include:", "exists", "foo", "a/129", "all:x", "a:%{z}.x.example", "ip6:1.2.3.4",
         "mx:x..example", "redirect=", "a//", "ip4:192.0.2.1/024", "exists:%{d", "ptr:x/24", "-", "a:x.example.1"]


def spf_record(chance):
    terms = [mechanism(chance) for _ in range(chance.randrange(5))]
    if chance.random() < 0.06:
        terms.insert(chance.randrange(len(terms) + 1), chance.choice(WRONG))
    if chance.random() < 0.2:
        terms.insert(chance.randrange(len(terms) + 1), chance.choice(["unknown=x", "m.y_z-1=%{d}", "exp=" + chance.choice(HOSTS)]))
    terms += [chance.choice(["-all", "~all", "?all", "+all", "ALL", "redirect=" + chance.choice(DOMAINS), ""])]
    return chance.choice(["v=spf1 ", "v=spf1  ", "V=SPF1 "]) + chance.choice([" ", "  "]).join(terms)


def not_of_itself(record, domain):
    """pyspf calls a record wrong that leads to itself, also if another term matches before."""
    return record.replace(f"include:{domain}", f"a:{domain}").replace(f"redirect={domain}", "?all")


def zone_by_chance(chance, names):
    """Hosts have addresses of both families: what is void besides terms, behind mx and ptr, is counted otherwise by
    pyspf, which looks all of them up, and as lookups; RFC 7208 section 4.6.4 counts terms."""
    for host in HOSTS:
        for kind, pool in (("A", ADDRESSES[:4]), ("AAAA", ADDRESSES[4:6])):
            names.add(host, kind, *chance.sample(pool, chance.randrange(1, 3)))
        names.add(host, "TXT", chance.choice(["why %{i} of %{d}", "%{s} %{h} %{c}", "no %"]))
    for domain in DOMAINS:
        names.add(domain, "TXT", *[not_of_itself(spf_record(chance), domain) for _ in range(chance.choice([1, 1, 1, 1, 1, 1, 0, 2]))])
        names.add(domain, "A", chance.choice(ADDRESSES[:4]))
        names.add(domain, "MX", *[(number, chance.choice(HOSTS)) for number in range(chance.randrange(4))])
    for host, address in zip(NAMED, ADDRESSES):
        names.add(".".join(reversed(address.split("."))) + ".in-addr.arpa", "PTR", host)


def test_spf_by_chance_agrees_with_pyspf(place):
    chance = by_chance()
    for _ in range(max(1, CASES // 60)):
        with NameServer() as names, pyspf(names) as spf:
            zone_by_chance(chance, names)
            cases = [(chance.choice(ADDRESSES), chance.choice(HOSTS), chance.choice(["ann", "a-b+c", "x_y"]) + "@" +
                      chance.choice(DOMAINS)) for _ in range(min(CASES, 60))]

            def play(case):
                address, helo, sender = case
                theirs = spf.check2(i=address, s=sender, h=helo)[0]
                ours, lines = said(place, names, "spf", "check", "--ip", address, "--helo", helo, "--mail-from", sender)
                if ours == theirs:
                    return None
                records = {name: value for (name, kind), value in names.records.items() if kind == "TXT" and name in DOMAINS}
                return f"{case}: we say {lines}, pyspf {theirs}: {json.dumps(records)}"
            all_right(cases, play)


def blanks(chance):
    return chance.choice([" ", " ", " ", "  ", "\t", " \t "])


WORDS = ["Lunch", "today", "at", "one?", "\u4f60\u597d", "\u00e9", "a;b", "x=y", "%", "(c)", "--", "b=", "."]


def line_by_chance(chance):
    line = "".join(chance.choice(WORDS) + blanks(chance) for _ in range(chance.randrange(5)))
    return line if chance.random() < 0.4 else line.rstrip()


def letter_by_chance(chance):
    """A header, with an empty line and a body behind it."""
    fields = [chance.choice(["From: ann@example.com", "from:  Ann <ann@example.com>", "FROM:\tann@example.com "])]
    for _ in range(chance.randrange(6)):
        name = chance.choice(["To", "Subject", "SUBJECT", "Date", "X-A", "x-a", "Received", "Tom"])
        value = blanks(chance) + line_by_chance(chance)
        if chance.random() < 0.4:
            value += "\r\n" + chance.choice([" ", "\t", "  "]) + (line_by_chance(chance).strip() or "x")
        fields.insert(chance.randrange(len(fields) + 1), f"{name}:{value}")
    body = chance.choice(["", "\r\n", "\r\n\r\n", " \r\n"]) + "\r\n".join(line_by_chance(chance) for _ in range(chance.randrange(6)))
    body += chance.choice(["", "\r\n", "\r\n\r\n\r\n", "\r\n \r\n", " \t"])
    return ended(("\r\n".join(fields) + "\r\n\r\n" + body).encode())


def ended(message):
    """Blanks at the very end are those of a line: RFC 6376 section 3.4.4 has them ignored before it has a missing CRLF
    added, but dkimpy keeps one."""
    return message + b"\r\n" if message.endswith((b" ", b"\t")) else message


def signature_by_chance(chance):
    names = ["from"] + [chance.choice(["to", "Subject", "date", "x-a", "received", "cc", "From"]) for _ in range(chance.randrange(6))]
    chance.shuffle(names)
    forms = chance.choice(["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed", "relaxed", "simple"])
    fold = chance.choice([" ", " ", "\r\n\t", "  ", "\r\n "])
    tags = ["v=1", "a=rsa-sha256", f"c={forms}", "d=example.com", "s=k", "h=" + chance.choice([":", " : ", ":" + fold]).join(names)]
    if chance.random() < 0.3:
        tags.insert(3, f"t={chance.randrange(1, 10 ** 9)}")
    if chance.random() < 0.2:
        tags.insert(3, chance.choice(["i=@example.com", "i=ann@sub.example.com", "q=dns/txt", "z=x|y", "new=1"]))
    return " " + (";" + fold).join([*tags, "bh={bh}", "b={b}"])


def altered(chance, message):
    """Perhaps changed: anywhere, or where only a strict form minds."""
    kind = chance.randrange(5)
    if kind == 0:
        return message
    if kind == 1:
        return message + chance.choice([b"\r\n", b"\r\n\r\n", b" ", b"x", b" \r\n"])
    if kind == 2:
        places = [found.start() for found in re.finditer(rb"[ \t]", message)]
        place = chance.choice(places)
        return message[:place] + chance.choice([b" ", b"\t", b"  "]) + message[place + 1:]
    if kind == 3:
        place = chance.randrange(message.index(b"\r\n\r\n") + 4, len(message) + 1)
        return message[:place] + chance.choice([b"x", b" ", b"\r\n"]) + message[place:]
    return message.replace(b"\r\n\r\n", b"\r\n" + chance.choice([b"To: more", b"X-B: c", b"from: eve@example.net"]) + b"\r\n\r\n", 1)


def test_dkim_by_chance_agrees_with_dkimpy(place):
    chance = by_chance()
    with NameServer() as names:
        dkim, text = python_dkim(names)
        key = Key(place.folder, "k", 1024)
        names.add("k._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
        cases = []
        for _ in range(CASES):
            message = letter_by_chance(chance)
            if chance.random() < 0.3:
                forms = chance.choice([b"relaxed", b"simple"]), chance.choice([b"relaxed", b"simple"])
                message = dkim.sign(message, b"k", b"example.com", key.pem, canonicalize=forms) + message
            else:
                message = signed(message, key, signature_by_chance(chance))
            cases.append(ended(altered(chance, message)))

        def play(message):
            theirs = dkim.verify(message, dnsfunc=text)
            ours, lines = said(place, names, "dkim", "verify", input=message)
            return None if (ours == "pass") == theirs else f"we say {lines}, dkimpy {theirs}: {message!r}"
        all_right(cases, play)


def as_milters_see_it(message):
    """One blank and a word behind each colon, and lines that end with CRLF, the last one too: OpenDKIM is a milter, which
    is not told of other blanks there, so that RFC 6376 section 3.4.1 is beyond it; nor of a CR or LF alone."""
    message = re.sub(rb"\r(?!\n)|(?<!\r)\n", b"", message.replace(b"\r\r\n\n", b"\r\n\r\n"))
    header, body = message.split(b"\r\n\r\n", 1)
    header = re.sub(rb"(?m)^([\w-]+):[ \t]*(?=\r|\Z)", rb"\1: x", header)
    header = re.sub(rb"(?m)^([\w-]+):[ \t]*(?=[^ \t\r])", rb"\1: ", header)
    return header + b"\r\n\r\n" + body + (b"" if body.endswith(b"\n") or not body else b"\r\n")


def by_opendkim(place, key, messages):
    """For each message whether OpenDKIM verifies it, all in one process; nothing of those with two From fields."""
    folder = place.folder / "opendkim"
    folder.mkdir()
    (folder / "keys").write_text(f"k._domainkey.example.com v=DKIM1; k=rsa; p={key.public}\n")
    (folder / "conf").write_text(f"TestDNSData file:{folder / 'keys'}\nMode v\n")
    for number, message in enumerate(messages):
        (folder / f"{number}.eml").write_bytes(message.replace(b"\r\n", b"\n"))
    files = ",".join(str(folder / f"{number}.eml") for number in range(len(messages)))
    done = subprocess.run([OPENDKIM, "-x", folder / "conf", "-t", files, "-v"], check=False, capture_output=True, timeout=60)
    text = (done.stdout + done.stderr).decode(errors="replace")
    found = dict(re.findall(r"/(\d+)\.eml: verification \(.*\) (succeeded|failed)", text))
    return [found.get(str(number)) for number in range(len(messages))]


def test_dkim_by_chance_agrees_with_opendkim(place):
    if not os.path.exists(OPENDKIM):
        raise Skipped("opendkim is not here: its verdict was not asked for")
    chance = by_chance()
    key = Key(place.folder, "k", 1024)
    messages = []
    for _ in range(CASES):
        letter = as_milters_see_it(letter_by_chance(chance))
        messages.append(as_milters_see_it(altered(chance, signed(letter, key, signature_by_chance(chance)))))
    cases = [case for case in zip(messages, by_opendkim(place, key, messages)) if case[1] is not None]
    expect(len(cases) > CASES * 3 // 4, len(cases))
    with NameServer() as names:
        names.add("k._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={key.public}")

        def play(case):
            message, theirs = case
            ours, lines = said(place, names, "dkim", "verify", input=message)
            return None if (ours == "pass") == (theirs == "succeeded") else f"we say {lines}, OpenDKIM {theirs}: {message!r}"
        all_right(cases, play)


def test_what_we_sign_by_chance_verifies_elsewhere(place):
    """The other direction: hongyan signs, dkimpy and OpenDKIM verify; changed, they do not."""
    chance = by_chance()
    with NameServer() as names:
        dkim, text = python_dkim(names)
        key = Key(place.folder, "k", 1024)
        names.add("k._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
        letters = [as_milters_see_it(letter_by_chance(chance)) for _ in range(max(CASES // 2, 1))]

        def play(letter):
            message = place.hongyan("dkim", "sign", "example.com", "k", key.file, input=letter)
            signed_by_us.append(message)
            if not dkim.verify(message, dnsfunc=text):
                return f"dkimpy does not verify what we sign: {message!r}"
            changed = re.sub(rb"(?im)^(from:[ \t]*)", rb"\1Eve ", message, count=1)
            return f"dkimpy verifies what was changed: {changed!r}" if dkim.verify(changed, dnsfunc=text) else None
        signed_by_us = []
        all_right(letters, play)
        if os.path.exists(OPENDKIM):
            verdicts = by_opendkim(place, key, signed_by_us)
            wrong = [message for message, verdict in zip(signed_by_us, verdicts) if verdict != "succeeded"]
            expect(not wrong, wrong)


def test_chains_by_chance_agree_with_dkimpy(place):
    chance = by_chance()
    with NameServer() as names:
        dkim, text = python_dkim(names)
        key = Key(place.folder, "k", 1024)
        names.add("k._domainkey.example.com", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
        cases = []
        for _ in range(max(CASES // 3, 1)):
            message = letter_by_chance(chance)
            for number in range(chance.randrange(1, 4)):
                before = b"none" if number == 0 else b"pass"
                results = b"Authentication-Results: example.com; spf=pass; arc=" + before + b"\r\n"
                message = b"".join(dkim.arc_sign(results + message, b"k", b"example.com", key.pem, b"example.com")) + message
                if chance.random() < 0.3:
                    message = ended(altered(chance, message))
            cases.append(ended(altered(chance, message)) if chance.random() < 0.5 else message)

        def play(message):
            try:
                theirs = dkim.arc_verify(message, dnsfunc=text)[0].decode()
            except (IndexError, dkim.DKIMException):
                return None  # it trips over some chains and has no opinion
            ours, lines = said(place, names, "arc", "verify", input=message)
            return None if ours == theirs else f"we say {lines}, dkimpy {theirs}: {message!r}"
        all_right(cases, play)


OWNERS = ["one.com", "two.com", "three.co.uk"]
AUTHORS = [prefix + owner for owner in OWNERS for prefix in ("", "a.", "b.", "x.a.")]


def dmarc_record(chance):
    tags = [f"p={chance.choice(['none', 'quarantine', 'reject', 'REJECT'])}"]
    for tag, values in (("sp", ["none", "quarantine", "reject"]), ("adkim", "rs"), ("aspf", "rs"), ("pct", ["0", "50", "100"]),
                        ("rua", ["mailto:d@one.com"]), ("x", ["y"])):
        if chance.random() < 0.3:
            tags.append(f"{tag}={chance.choice(values)}")
    return chance.choice(["; ", ";", " ;  "]).join(["v=DMARC1", *tags]) + chance.choice(["", ";", "; "])


def test_dmarc_by_chance_agrees_with_authheaders(place):
    chance = by_chance()
    authheaders = debian_module("authheaders", "python3-authheaders")
    with NameServer() as names, pyspf(names):
        key = Key(place.folder, "k", 1024)
        for author in AUTHORS:
            names.add(author, "TXT", chance.choice(["v=spf1 ip4:192.0.2.1 -all", "v=spf1 ?all"]))
            names.add(f"k._domainkey.{author}", "TXT", f"v=DKIM1; k=rsa; p={key.public}")
            # Below an organization authheaders sees what is highest, as RFC 7489 has it; so do we if it is there.
            if author in OWNERS or chance.random() < 0.2:
                names.add(f"_dmarc.{author}", "TXT", dmarc_record(chance))

        def text(name, *_, **__):
            name = (name if isinstance(name, str) else name.decode()).rstrip(".")
            found = names.records.get((name, "TXT"))
            return found and (found[0] if name.startswith("_dmarc") else found[0].encode())
        cases = []
        for _ in range(max(CASES // 3, 1)):  # authheaders takes its time
            author = chance.choice(AUTHORS)
            message = f"From: Ann <ann@{author}>\r\nTo: bob@example.org\r\n\r\nHello\r\n".encode()
            if chance.random() < 0.5:
                domain = chance.choice([author, *AUTHORS])
                message = signed(message, key, f" v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=k; h=from:to; bh={{bh}}; "
                                               "b={b}")
            cases.append((author, chance.choice(["192.0.2.1", "192.0.2.2"]), chance.choice([author, *AUTHORS]), message))

        def play(case):
            author, address, sender, message = case
            theirs = authheaders.authenticate_message(message, "mx.test", ip=address, mail_from=f"ann@{sender}", helo="h.test",
                                                      spf=True, dnsfunc=text)
            theirs = re.search(r"dmarc=(\w+) ?(?:\([^)]*\))?(?:.*policy\.dmarc=(\w+))?", theirs, re.S).groups()
            found = json.loads(said(place, names, "dmarc", "check", "--ip", address, "--helo", "h.test", "--mail-from",
                                    f"ann@{sender}", "--json", input=message)[1][0])
            ours = (found["result"], found["policy"])
            # authheaders takes sp= for the domain that has the record, too; RFC 7489 section 6.3 has p= there.
            is_below = (f"_dmarc.{author}", "TXT") not in names.records
            if ours[0] == theirs[0] and (not is_below or theirs[1] in (None, ours[1])):
                return None
            records = {name: value for (name, _), value in names.records.items() if name.startswith("_dmarc")}
            return f"{author} {address} {sender}: we say {ours}, authheaders {theirs}: {message[:200]!r} {records}"
        all_right(cases, play)
