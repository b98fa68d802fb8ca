"""A real Rspamd beside our server: it is obeyed, and what it and we find of the same mail agrees."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import smtplib
import subprocess
import time

from harness import HOSTNAME, PATIENCE, Skipped, expect, free_port
from name_server import NameServer
from organizations import SUFFIXES, Organizations, results_in, taken_in
from signer import Key, seal, signed
from test_filters import popped, story

ANN = "ann@example.test"
# Words that every filter takes for spam, so that it can be tried.
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
CONFIGURATION = """
options {
  pidfile = "%(folder)s/pid"; tempdir = "%(folder)s"; hs_cache_dir = "%(folder)s"; cache_file = "%(folder)s/symbols";
  control_socket = "%(folder)s/control mode=0600"; url_tld = "%(folder)s/suffixes"; disable_hyperscan = true;
  filters = "dkim,regexp"; local_addrs = []; gtube_patterns = "all";
  dns { nameserver = ["%(dns)s:1"]; timeout = 1s; sockets = 4; retransmits = 3; }
}
logging { type = "file"; filename = "%(folder)s/log"; level = "warning"; }
worker "normal" { bind_socket = "127.0.0.1:%(port)d"; count = 1; }
worker "controller" { bind_socket = "127.0.0.1:%(controller)d"; count = 1; }
lua = "%(folder)s/none.lua";
modules { path = "%(share)s/plugins"; }
actions { reject = 15; add_header = 6; }
spf { check_local = true; }
dkim { check_local = true; }
arc { check_local = true; sign_local = false; sign_inbound = false; sign_authenticated = false; }
dmarc { check_local = true; }
dkim_signing { sign_local = true; sign_inbound = true; allow_username_mismatch = true; try_fallback = false;
  domain { theirs.example { path = "%(folder)s/t.key"; selector = "t"; } } }
group "test" { symbols { "R_SPF_FAIL" { weight = 7.0; } } }
"""
SHARE = pathlib.Path("/usr/share/rspamd")


class Rspamd:
    """Runs in a folder of its own, with our names; no internet, no Redis."""

    def __init__(self, place, names):
        program = shutil.which("rspamd")
        if not program:
            raise Skipped("rspamd is not here: its verdict was not asked for")
        self.folder = place.folder / "rspamd"
        self.folder.mkdir()
        self.until_it_listens = contextlib.ExitStack()
        self.port, controller = (self.until_it_listens.enter_context(free_port()) for _ in range(2))
        self.key = Key(self.folder, "t", 1024)
        (self.folder / "suffixes").write_text("\n".join(["example", "test", "uk", "io", *SUFFIXES]) + "\n")
        settings = {"folder": self.folder, "dns": names.address.replace("@", ":"), "port": self.port,
                    "controller": controller, "share": SHARE}
        (self.folder / "rspamd.conf").write_text(CONFIGURATION % settings)
        # None of its rules, which take seconds to load: the modules alone.
        (self.folder / "none.lua").write_text('require "global_functions" ()\nconfig["regexp"] = {}\nrspamd_maps = {}\n')
        as_root = ["-i", "-u", "root", "-g", "root"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen([program, "-f", *as_root, "-c", self.folder / "rspamd.conf"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        try:
            with self.until_it_listens:
                return self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise

    def wait_until_ready(self):
        give_up = time.monotonic() + 3 * PATIENCE
        while True:
            if self.process.poll() is not None:
                raise Skipped(f"rspamd does not run here: {self.said()}")
            try:
                if self.ask("GET", "/ping") == b"pong":
                    return self
            except OSError:
                pass
            expect(time.monotonic() < give_up, f"rspamd does not begin: {self.said()}")
            time.sleep(0.02)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)  # it ends its workers then
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def said(self):
        log = self.folder / "log"
        return log.read_text()[-1000:] if log.exists() else "nothing"

    def ask(self, method, path, body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            return connection.getresponse().read().strip()
        finally:
            connection.close()

    def symbols(self, message, client, sender):
        """Those of authentication that it gives a message."""
        said = json.loads(self.ask("POST", "/checkv2", message, {"IP": client, "Helo": "client.example", "From": sender,
                                                                 "Rcpt": ANN}))
        return {name for name in said["symbols"] if re.match("(R_SPF|R_DKIM|DMARC|ARC)_", name)}


LETTER = (b"From: Eve <eve@%s>\r\nTo: ann@example.test\r\nSubject: %s\r\nMessage-ID: <%s@far.example>\r\nDate: Sat, 21 Nov 2026 "
          b"12:00:00 +0000\r\n\r\n%s\r\n")
PLAIN = " v=1; a=rsa-sha256; c=relaxed/simple; d=%s; s=t; h=from:to:subject; bh={bh}; b={b}"
OURS = {
    "spf": {"pass": "R_SPF_ALLOW", "fail": "R_SPF_FAIL", "softfail": "R_SPF_SOFTFAIL", "neutral": "R_SPF_NEUTRAL",
            "none": "R_SPF_NA", "permerror": "R_SPF_PERMFAIL", "temperror": "R_SPF_DNSFAIL"},
    "dkim": {"pass": "R_DKIM_ALLOW", "fail": "R_DKIM_REJECT", "none": "R_DKIM_NA", "permerror": "R_DKIM_PERMFAIL",
             "temperror": "R_DKIM_TEMPFAIL"},
    "arc": {"pass": "ARC_ALLOW", "fail": "ARC_REJECT"},
}
# Where Rspamd does not do as the RFC says: what it finds in place of what.
ITS_WAY = {"spf permerror": ("R_SPF_PERMFAIL", "R_SPF_NEUTRAL")}  # RFC 7208 section 4.6: an error anywhere counts
DMARC = {"none": "DMARC_POLICY_SOFTFAIL", "quarantine": "DMARC_POLICY_QUARANTINE", "reject": "DMARC_POLICY_REJECT"}


def as_symbols(results):
    """What we found, in Rspamd's words."""
    found = {}
    for method, verdict in re.findall(r"\b(spf|dkim|arc)=(\w+)", results):
        found.setdefault(method, OURS[method][verdict])  # SPF of the sender comes before that of HELO
    found = {found["spf"], found["dkim"], found.get("arc", "ARC_NA")}
    verdict, policy = re.search(r"dmarc=(\w+)(?: \(p=(\w+))?", results).groups()
    found.add({"pass": "DMARC_POLICY_ALLOW", "none": "DMARC_NA"}.get(verdict) or DMARC[policy])
    return found


def all_symbols(results, signers):
    """The same where there may be several signatures; `signers` are the domains that have a key."""
    found = {name for name in as_symbols(results) if not name.startswith("R_DKIM")}
    for verdict, domain in re.findall(r"\bdkim=(\w+)(?:[^;]*?\bheader\.d=(\S+?))?(?=[;\s]|$)", results):
        # We look at the body first, and ask for no key where it has been changed; Rspamd asks first.
        found.add("R_DKIM_PERMFAIL" if verdict == "fail" and domain not in signers else OURS["dkim"][verdict])
    return found


def letter(domain, name, body=b"Hello Ann"):
    return LETTER % (domain.encode(), name.encode(), name.encode(), body)


def mail_of_all_kinds(key):
    """Name, client, sender, message."""
    good = letter("good.example", "signed")
    sealed = letter("good.example", "sealed")
    results = b"ARC-Authentication-Results: i=1; far.example; spf=pass\r\n"
    message = signed(sealed, key, " i=1; a=rsa-sha256; c=relaxed/relaxed; d=good.example; s=t; h=from:to:subject; bh={bh}; "
                     "b={b}", "ARC-Message-Signature")[:-len(sealed)]
    chain = seal(message + results + sealed, key, " i=1; a=rsa-sha256; t=1790000000; cv=none; d=good.example; s=t; b={b}",
                 [(results, message)])
    yield "spf pass", "127.0.0.1", "eve@good.example", letter("good.example", "pass")
    yield "spf fail", "127.0.0.2", "eve@good.example", letter("good.example", "fail")
    yield "spf softfail", "127.0.0.2", "eve@soft.example", letter("soft.example", "soft")
    yield "spf neutral", "127.0.0.2", "eve@neutral.example", letter("neutral.example", "neutral")
    yield "spf none", "127.0.0.2", "eve@nothing.example", letter("nothing.example", "nothing")
    yield "spf permerror", "127.0.0.2", "eve@wrong.example", letter("wrong.example", "wrong")
    yield "spf of somebody else", "127.0.0.1", "eve@good.example", letter("neutral.example", "else")
    yield "spf below", "127.0.0.1", "eve@sub.good.example", letter("good.example", "below")
    yield "spf below, strict", "127.0.0.1", "eve@sub.strict.example", letter("strict.example", "strict")
    yield "dkim pass", "127.0.0.2", "eve@soft.example", signed(good, key, PLAIN % "good.example")
    yield "dkim fail", "127.0.0.2", "eve@soft.example", signed(good, key, PLAIN % "good.example").replace(b"Hello", b"Hallo")
    yield "dkim of somebody else", "127.0.0.2", "eve@soft.example", signed(good, key, PLAIN % "soft.example")
    yield "dkim without a key", "127.0.0.2", "eve@soft.example", signed(good, key, PLAIN % "wrong.example")
    yield "dkim below", "127.0.0.2", "eve@soft.example", signed(good, key, PLAIN % "sub.good.example")
    yield "arc pass", "127.0.0.2", "eve@soft.example", chain
    yield "arc fail", "127.0.0.2", "eve@soft.example", chain.replace(b"spf=pass", b"spf=fail")


def publish(names, key):
    for domain, policy in (("good.example", "reject"), ("soft.example", "none"), ("neutral.example", "quarantine"),
                           ("strict.example", "reject; aspf=s; adkim=s")):
        names.add(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p={policy}")
    for domain, last in (("good.example", "-all"), ("sub.good.example", "-all"), ("sub.strict.example", "-all"),
                         ("soft.example", "~all"), ("neutral.example", "?all"), ("wrong.example", "nonsense"),
                         ("theirs.example", "-all")):
        names.add(domain, "TXT", f"v=spf1 ip4:127.0.0.1 {last}")
    for domain in ("good.example", "sub.good.example", "soft.example", "theirs.example"):
        names.add(f"t._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; p={key.public}")


def send(server, client, sender, message):
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], "client.example", PATIENCE, (client, 0)) as connection:
        try:
            connection.sendmail(sender, [ANN], message)
            return 250, ""
        except smtplib.SMTPDataError as refusal:
            return refusal.smtp_code, refusal.smtp_error.decode()


def found_by_us(place, mailbox):
    """Our Authentication-Results of the newest message there, on one line."""
    newest = max(row["uid"] for row in place.listing("message", "list", ANN, "--mailbox", mailbox))
    raw = place.hongyan("message", "show", ANN, newest, "--mailbox", mailbox, "--raw").decode()
    return re.search(rf"Authentication-Results: {HOSTNAME};((?:.|\r?\n[ \t])*)", raw)[1]


def test_rspamd_is_obeyed_and_finds_what_we_find(place):
    with NameServer() as names, Rspamd(place, names) as rspamd:
        publish(names, rspamd.key)
        place.make_account()
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "verify.dmarc": "report", "rspamd.address": f"inet:127.0.0.1:{rspamd.port}",
                              "login.plain_networks": ["127.0.0.0/8"]})
        differences = []
        for name, client, sender, message in mail_of_all_kinds(rspamd.key):
            code, words = send(server, client, sender, message)
            expect(code == 250, (name, code, words))
            theirs = rspamd.symbols(message, client, sender)
            # It asks to set aside what SPF fails.
            ours = as_symbols(found_by_us(place, "Junk" if "R_SPF_FAIL" in theirs else "INBOX"))
            if name in ITS_WAY:
                right, other = ITS_WAY[name]
                expect(right in ours, (name, ours))
                ours = ours - {right} | ({right} if right in theirs else {other})
            if ours != theirs:
                differences.append(f"{name}: we found {sorted(ours - theirs)}, Rspamd {sorted(theirs - ours)}")
        expect(not differences, differences)
        expect("R_SPF_FAIL 7.00" in story(place, "<fail@far.example>"), story(place, "<fail@far.example>"))
        code, words = send(server, "127.0.0.1", "eve@good.example", letter("good.example", "gtube", GTUBE.encode()))
        expect(code == 550 and words.startswith("5.7.1 "), (code, words))
        told = story(place, "<gtube@far.example>", 'Rspamd said \\"reject\\"')
        expect('Rspamd said \\"reject\\"' in told, told)

        # What it signs, we verify.
        code, words = send(server, "127.0.0.1", "eve@theirs.example", letter("theirs.example", "theirs"))
        expect(code == 250, (code, words))
        message = next(text for text in popped(server) if "Subject: theirs" in text)
        host, port = names.address.split("@")
        said = place.hongyan("dkim", "verify", "--resolver", f"{host}:{port}", input=message.encode()).decode()
        expect("DKIM-Signature:" in message and said == "pass signed by theirs.example\n", (said, message))


def test_rspamd_finds_what_we_find_by_chance(place):
    """SPF, DKIM, DMARC and ARC of mail of many organizations. Of several signatures Rspamd tells all that it found."""
    with NameServer() as names, Rspamd(place, names) as rspamd:
        # With pct= below 100 its verdict is chance's (section 6.6.4 of RFC 7489). It reads nothing behind a blank before a
        # semicolon, which section 6.4 permits (dmarc-sep).
        many = Organizations(names, rspamd.key, percentages=False, separators=("; ", ";"))
        cases = list(many.mail(60, chains=0.4))
        place.make_account()
        server = place.serve({"dns.servers": [names.address], "dns.trust_anchor": "", "verify.exempt": [],
                              "verify.dmarc": "report", "login.plain_networks": ["127.0.0.0/8"], "smtp.transactions": 1000})
        taken, differences = taken_in(server, cases), []
        for name, client, sender, message in cases:
            ours, theirs = all_symbols(results_in(taken[name]), many.signers), rspamd.symbols(message, client, sender)
            if ours != theirs:
                differences.append(f"{name}: we found {sorted(ours - theirs)}, Rspamd {sorted(theirs - ours)}: {client} {sender} "
                                   f"{results_in(taken[name])}")
        expect(not differences, f"{len(differences)}: " + "\n".join(differences[:5]))
        seen = {name for text in taken.values() for name in all_symbols(results_in(text), many.signers)}
        expect(len(seen) >= 14, f"of all kinds: {sorted(seen)}")
