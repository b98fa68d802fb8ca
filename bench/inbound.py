#!/usr/bin/env python3
"""What judging costs: mail from outside by SMTP, with all judges and without any, in turns.

    tools/fetch-corpus build/corpus                    once: what the classifier learns from
    bench/inbound.py --rounds 3                        the release build that is in build/release
    bench/inbound.py --program OLD --program NEW       two programs in turns, each with and without

Letters of 1.5 to 12 KB, signed by DKIM (python3-dkim), come from 40 domains over six connections to 50 accounts. A name
server on loopback, part of this program, says who may send for these domains, what they ask of others (DMARC), and is
three lists. With judges on: SPF, DKIM, ARC, DMARC, the name of the client's address, HELO, senders' domains, two lists of
clients and one of links, greylisting, and the classifier, which has learned 150 junk and 150 good messages. Whoever sends
is known to greylisting, and what DNS says is in the server's cache: that is what mail looks like all day.

The rate is what the senders saw; CPU is that of the server for a message until the senders were done, by kinds of
threads. Indexing goes on beside and behind the load, so that its share is what the machine had left. Both cores of a
small machine are busy with servers and senders alike, so run it with nothing else.
"""
import argparse
import base64
import collections
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts what follows, whatever python3 this is
import dkim  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
SENDER_DOMAINS, LINKED_DOMAINS, ACCOUNTS, CONNECTIONS = 40, 30, 50, 6
SIZES = [1500, 3000, 6000, 12000]  # bytes of text
LEARNED = 150  # messages of each kind
PATIENCE = 60  # seconds for whatever is waited for

SETTINGS = """hostname = "mail.bench.test"
[listen]
smtp = ["127.0.0.1:{smtp}"]
submission = []
submissions = []
lmtp = []
pop3 = []
pop3s = []
imap = []
imaps = []
[dns]
servers = ["127.0.0.1@{dns}"]
trust_anchor = ""
"""
JUDGED = """[verify]
exempt = []
[spam]
exempt_networks = []
lists = ["bl1.test", "bl2.test weight=2"]
link_lists = ["links.test"]
greylisting = true
greylisting_delay = "1 s"
"""
UNJUDGED = """[verify]
enabled = false
[classifier]
enabled = false
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", action="append", help="more than one are compared; default: build/release's")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=1500, help="of one run (default: %(default)s)")
    parser.add_argument("--corpus", type=pathlib.Path, default=ROOT / "build" / "corpus", help="of tools/fetch-corpus")
    parser.add_argument("--scratch", type=pathlib.Path, help="on the disk that matters; made and removed if not given")
    parser.add_argument("--port", type=int, default=29000, help="the first of two that are taken")
    parser.add_argument("--profile", help="where `perf record` puts what the last judged run did")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    given.program = given.program or [str(ROOT / "build/release/apps/hongyan/hongyan")]
    return given


# ---- the world outside ----


def domain_of(number):
    return f"from{number % SENDER_DOMAINS}.test"


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def wire_text(text):
    octets = text.encode()
    return b"".join(bytes([len(part)]) + part for part in (octets[i:i + 255] for i in range(0, len(octets), 255)))


def records(public_key):
    """{(name, type): rdata}: RFC 1035 §3.3, §3.4."""
    a, ptr, mx, txt = 1, 12, 15, 16
    listed = bytes([127, 0, 0, 2])
    zone = {("1.0.0.127.in-addr.arpa", ptr): wire_name("mx.from1.test"),
            ("test.links.test", a): listed}
    for blocklist in ("bl1.test", "bl2.test"):
        zone["2.0.0.127." + blocklist, a] = listed  # that a list works is tested by it (RFC 5782 §5)
    for domain in map(domain_of, range(SENDER_DOMAINS)):
        zone["s1._domainkey." + domain, txt] = wire_text("v=DKIM1; k=rsa; p=" + public_key)
        zone["_dmarc." + domain, txt] = wire_text("v=DMARC1; p=reject; adkim=s; aspf=s")
        zone[domain, txt] = wire_text(f"v=spf1 mx include:inc.{domain} -all")
        zone["inc." + domain, txt] = wire_text("v=spf1 ip4:127.0.0.0/8 ~all")
        zone[domain, mx] = struct.pack(">H", 10) + wire_name("mx." + domain)
        zone["mx." + domain, a] = bytes([127, 0, 0, 9])
    return zone


def serve_names(zone, port):
    """Answers for ever. What there is not has a SOA, by which that is kept for an hour (RFC 2308 §5)."""
    names = {name for name, _ in zone}
    soa = wire_name("ns.test") + wire_name("h.test") + struct.pack(">IIIII", 1, 3600, 3600, 3600, 3600)
    authority = wire_name("test") + struct.pack(">HHIH", 6, 1, 3600, len(soa)) + soa
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        while True:
            question, peer = server.recvfrom(4096)
            labels, at = [], 12
            while size := question[at]:
                labels.append(question[at + 1:at + 1 + size].decode().lower())
                at += size + 1
            name, kind = ".".join(labels), struct.unpack(">H", question[at + 1:at + 3])[0]
            rdata = zone.get((name, kind))
            header = question[:2] + struct.pack(">HHHHH", 0x8580 | (0 if name in names else 3), 1,
                                                0 if rdata is None else 1, 1 if rdata is None else 0, 0)
            answer = authority if rdata is None else b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 3600, len(rdata)) + rdata
            server.sendto(header + question[12:at + 5] + answer, peer)


def make_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                serialization.NoEncryption())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode()


def letter(number, private_key):
    """The domain it comes from, and the message. The same number gives the same text."""
    dice = random.Random(number)
    domain, size = domain_of(number), dice.choice(SIZES)
    word = lambda: f"word{dice.randrange(5000)}"
    lines, length = [], 0
    while length < size:
        lines.append(" ".join(word() for _ in range(11)))
        length += len(lines[-1]) + 2
    lines.append(f"see https://www.example{number % LINKED_DOMAINS}.com/a for more")
    header = (f"From: Ann <ann@{domain}>\r\nTo: u0001@bench.test\r\nSubject: letter {number} about {word()}\r\n"
              f"Date: Sun, 22 Nov 2026 01:00:00 +0000\r\nMessage-ID: <{number}@{domain}>\r\nMIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n")
    message = (header + "\r\n" + "".join(line + "\r\n" for line in lines)).encode()
    signature = dkim.sign(message, b"s1", domain.encode(), private_key,
                          include_headers=[b"from", b"to", b"subject", b"date", b"message-id"])
    return domain, signature + message


def send(port, letters, may_be_refused=False):
    """One session. How many were not taken."""
    refused = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        replies = connection.makefile("rb")
        replies.readline()
        connection.sendall(b"EHLO mx.from1.test\r\n")
        while replies.readline()[3:4] == b"-":
            pass
        for domain, message in letters:
            account = 1 + zlib.crc32(message) % ACCOUNTS  # whoever comes again comes to the same
            connection.sendall(b"MAIL FROM:<ann@%s>\r\nRCPT TO:<u%04d@bench.test>\r\nDATA\r\n" % (domain.encode(), account))
            said = [replies.readline() for _ in range(3)]
            if said[-1].startswith(b"354"):
                connection.sendall(message + b".\r\n")
                said = [replies.readline()]
            if not said[-1].startswith(b"250"):
                refused += 1
                if refused == 1 and not may_be_refused:
                    print(f"not taken: {said}", file=sys.stderr)
    return refused


def in_turns(letters, next_one):
    """Whoever is free takes the next letter, so that all senders end together."""
    while True:
        with next_one.get_lock():
            number = next_one.value
            next_one.value += 1
        if number >= len(letters):
            return
        yield letters[number]


def send_when_all_are_ready(port, letters, ready, refused):
    ready.wait()
    refused.put(send(port, letters))


# ---- our server ----


def run(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")


class Server:
    """With a store of its own, which it keeps from round to round."""

    def __init__(self, program, is_judged, folder, given):
        self.program, self.is_judged, self.folder, self.given = program, is_judged, folder, given
        self.is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(smtp=given.port, dns=given.port + 1) + (JUDGED if is_judged else UNJUDGED)
        (folder / "hongyan.toml").write_text(settings)
        if self.is_new:
            self.command("domain", "add", "bench.test")
            (folder / "names").write_text("".join(f"u{i:04}@bench.test:benchpw\n" for i in range(1, ACCOUNTS + 1)))
            self.command("account", "import", folder / "names")

    def command(self, *words):
        run(self.program, "--data", self.folder, *words)

    def __enter__(self):
        log = self.folder / "log"
        with open(log, "w") as out:
            self.process = subprocess.Popen([self.program, "--data", str(self.folder), "serve"], stdout=out, stderr=out)
        for _ in range(10 * PATIENCE):
            if "ready" in log.read_text():
                return self
            time.sleep(0.1)
        sys.exit(f"{self.program} is not ready: see {log}")

    def __exit__(self, *broken):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)

    def become_known(self, letters):
        """To greylisting: each sender comes twice. By then DNS has been asked for everything, too."""
        if self.is_judged and self.is_new:
            for kind, group in (("--junk", "spam-1"), ("--good", "easy-ham-1")):
                self.command("spam", "learn", kind, taught(self.given.corpus / "messages" / group, self.folder / group))
        for _ in range(2 if self.is_judged else 0):
            send(self.given.port, letters, may_be_refused=True)
            time.sleep(1.2)
        self.is_new = False

    def cpu(self):
        """Nanoseconds by names of threads."""
        spent = collections.Counter()
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            spent[(task / "comm").read_text().strip()] += int((task / "schedstat").read_text().split()[0])
        return spent


def taught(group, folder):
    """The first of the group in a folder of their own."""
    found = sorted(group.glob("*.txt"))[:LEARNED]
    if len(found) < LEARNED:
        sys.exit(f"{group} has no {LEARNED} messages: run tools/fetch-corpus {group.parent.parent}")
    folder.mkdir()
    for message in found:
        shutil.copy(message, folder)
    return folder


def measure(server, letters, profile):
    ready, refused, next_one = multiprocessing.Barrier(CONNECTIONS + 1), multiprocessing.Queue(), multiprocessing.Value("i", 0)
    senders = [multiprocessing.Process(target=send_when_all_are_ready,
                                       args=(server.given.port, in_turns(letters, next_one), ready, refused))
               for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    perf = profile and subprocess.Popen(["perf", "record", "-q", "-F", "999", "--call-graph", "dwarf,16000", "-o", profile,
                                         "-p", str(server.process.pid)])
    time.sleep(1 if profile else 0)
    before, begin = server.cpu(), None
    ready.wait()
    begin = time.monotonic()
    not_taken = sum(refused.get() for _ in senders)
    seconds, after = time.monotonic() - begin, server.cpu()
    for sender in senders:
        sender.join()
    if perf:
        perf.send_signal(signal.SIGINT)
        perf.wait()
    if not_taken:
        sys.exit(f"{not_taken} messages were not taken: see {server.folder}/log")
    threads = {name: (spent - before[name]) / 1000 / len(letters) for name, spent in after.items() if spent > before[name]}
    return {"per_second": len(letters) / seconds, "cpu_us": sum(threads.values()), "threads": threads}


def describe(figures):
    threads = ", ".join(f"{name} {us:.0f}" for name, us in sorted(figures["threads"].items(), key=lambda each: -each[1])
                        if us >= 1)
    return f"{figures['per_second']:6.0f}/s, {figures['cpu_us']:5.0f} us ({threads})"


def median_of(rounds):
    names = {name for figures in rounds for name in figures["threads"]}
    return {"per_second": statistics.median(figures["per_second"] for figures in rounds),
            "cpu_us": statistics.median(figures["cpu_us"] for figures in rounds),
            "threads": {name: statistics.median(figures["threads"].get(name, 0) for figures in rounds) for name in names}}


def main():
    given = arguments()
    scratch = given.scratch or pathlib.Path(tempfile.mkdtemp(prefix="hongyan-inbound-", dir="/var/tmp"))
    private_key, public_key = make_key()
    names = multiprocessing.Process(target=serve_names, args=(records(public_key), given.port + 1), daemon=True)
    names.start()
    letters = [letter(number, private_key) for number in range(given.messages)]
    variants = [(program, is_judged) for program in given.program for is_judged in (False, True)]
    servers = {variant: Server(*variant, scratch / f"{given.program.index(variant[0])}-{variant[1]}", given)
               for variant in variants}
    found = collections.defaultdict(list)
    try:
        for number in range(given.rounds):
            for variant, server in servers.items():
                with server:
                    server.become_known(letters[:max(SENDER_DOMAINS, LINKED_DOMAINS)])
                    is_profiled = number == given.rounds - 1 and variant == variants[-1]
                    found[variant].append(measure(server, letters, given.profile if is_profiled else None))
                print(f"{variant[0]} {'judged  ' if variant[1] else 'unjudged'}: {describe(found[variant][-1])}",
                      file=sys.stderr, flush=True)
    finally:
        names.terminate()
        if not given.scratch:
            shutil.rmtree(scratch, ignore_errors=True)
    for program in given.program:
        unjudged, judged = (median_of(found[program, is_judged]) for is_judged in (False, True))
        if given.json:
            print(json.dumps({"program": program, "unjudged": unjudged, "judged": judged}))
            continue
        print(f"{program}, medians of {given.rounds}:\n  unjudged {describe(unjudged)}\n  judged   {describe(judged)}\n"
              f"  {100 * judged['per_second'] / unjudged['per_second']:.0f} % of the rate, "
              f"{judged['cpu_us'] / unjudged['cpu_us']:.2f} times the CPU")


if __name__ == "__main__":
    main()
