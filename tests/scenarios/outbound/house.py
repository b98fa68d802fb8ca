"""A server that sends mail into a world of its own: a name server, and hosts on addresses of loopback.

Ann reads English, Li reads Chinese. Every host listens on the same port, each on its own address.
"""
import collections
import contextlib
import email
import email.policy
import json
import re
import smtplib
import socket
import time

from harness import HOSTNAME, PATIENCE, expect
from name_server import NameServer
from scripted_peer import Peer
from wire import Mailbox

ANN, LI = "ann@example.test", "li@example.test"
PASSWORD = "correct horse"
# Nobody waits long; a connection is over before anybody tries again, and so is the rest of a destination.
SETTINGS = {"outbound.enabled": True, "outbound.destination_rests": "1s", "outbound.idle": "100ms",
            "outbound.private_networks": ["127.0.0.0/8", "::1/128"], "queue.retry": ["1500ms"], "dns.trust_anchor": "", "dns.hosts": "", "log.format": "json",
            "login.plain_networks": ["127.0.0.0/8"], "smtp.transactions": 1_000_000, "smtp.commands": 100_000_000}
FINAL = ("sent", "bounced")


def letter(subject="Hello", text="A line of text.", sender=ANN, to="somebody@far.test"):
    return (f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Mon, 02 Mar 2026 09:00:00 +0800\r\n"
            f"Message-ID: <{subject.replace(' ', '-')}@example.test>\r\n\r\n{text}\r\n").encode()


class House:
    """For a `with`. Ready to send when start() was called; hosts may come before and after that."""

    def __init__(self, place):
        self.place = place
        self.names = NameServer()
        self.hosts = {}  # {address: Peer}
        self.port, self.server = None, None
        self.resources = contextlib.ExitStack()
        self.resources.callback(self.names.close)
        place.make_account(ANN, PASSWORD)
        place.hongyan("account", "add", LI, "--language", "zh-CN", input=PASSWORD.encode() + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The server first, so that nobody calls whom has left.
        self.place.end_servers()
        self.resources.close()

    def start(self, settings=None, **options):
        settings = {"outbound.port": self.port or self._choose_port(), "dns.servers": [self.names.address],
                    **SETTINGS, **(settings or {})}
        self.server = self.place.serve(settings, **options)
        return self.server

    def _choose_port(self):
        """One that is free for all addresses that matter."""
        with socket.create_server(("0.0.0.0", 0)) as listener:
            self.port = listener.getsockname()[1]
        return self.port

    def listen(self, address):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, self.port or self._choose_port()), family=family)
        self.resources.callback(listener.close)
        return listener

    def host(self, address, *scripts):
        """A scripted server there."""
        peer = self.hosts[address] = Peer(self.listen(address), *scripts)
        self.resources.callback(peer.close)
        return peer

    def mail_host(self, domain, address, *scripts, preference=10):
        """The same, and mail for the domain goes there."""
        name = f"mx{preference}.{domain}"
        self.names.add(domain, "MX", (preference, name))
        self.names.add(name, "AAAA" if ":" in address else "A", address)
        return self.host(address, *scripts)

    def submit(self, *recipients, message=None, sender=ANN, options=(), wishes=()):
        """Ann's (or Li's) mail program hands a message in."""
        with self.mail_program(sender) as client:
            self.hand_in(client, recipients, message or letter(sender=sender), sender, options, wishes)

    @contextlib.contextmanager
    def mail_program(self, account=ANN):
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"], "client.test", PATIENCE) as client:
            client.login(account, PASSWORD)
            yield client

    def submit_secretly(self, *recipients, message=None, options=()):
        """The same under TLS, as REQUIRETLS wants it."""
        with smtplib.SMTP("127.0.0.1", self.server.ports["submission"], "client.test", PATIENCE) as client:
            context = self.server.trust()
            context.check_hostname = False
            client.starttls(context=context)
            client.login(ANN, PASSWORD)
            self.hand_in(client, recipients, message or letter(), ANN, options)

    @staticmethod
    def hand_in(client, recipients, message, sender=ANN, options=(), wishes=()):
        refused = client.sendmail(sender, list(recipients), message, options, wishes)
        expect(not refused, f"not taken: {refused}")

    def hand_in_each(self, *letters):
        """(recipient, message), …, one after the other in one session of Ann's."""
        with self.mail_program() as client:
            for recipient, message in letters:
                self.hand_in(client, [recipient], message)

    def let_wait(self, *letters):
        """The same, for who wants them in the queue before anything is sent; start() sends them."""
        server = self.start({"outbound.enabled": False})
        self.hand_in_each(*letters)
        expect(server.stop(), "all of it waits")

    def events(self, recipient=None):
        """What the log tells of attempts, in their order: (word, fields)."""
        told = []
        for line in self.server.log().splitlines(keepends=True):
            is_whole = line.startswith("{") and line.endswith("\n")  # the last one may be being written
            event = json.loads(line) if is_whole else {}
            if event.get("event") in (*FINAL, "deferred") and recipient in (None, event.get("to")):
                told.append(event)
        return told

    def settled(self, *recipients):
        """{recipient: [event, ...]} when every one's mail is sent or bounced; who is named twice is to have two."""
        wanted = collections.Counter(recipients)
        moment, deadline = 0.02, time.monotonic() + 2 * PATIENCE
        while True:
            told = {recipient: [] for recipient in recipients}
            for event in self.events():
                told.setdefault(event["to"], []).append(event)
            missing = [who for who, times in wanted.items() if not told[who] or told[who][-1]["event"] not in FINAL
                       or sum(event["event"] in FINAL for event in told[who]) < times]
            if not missing:
                return told
            expect(time.monotonic() < deadline, f"nothing is settled for {missing}: {[told[who] for who in missing]}")
            time.sleep(moment)  # the log is all there is to wait for

    def deferred(self, recipient, times=1):
        """The event, when the recipient's mail was put off so often."""
        deadline = time.monotonic() + PATIENCE
        while len(told := [event for event in self.events(recipient) if event["event"] == "deferred"]) < times:
            expect(time.monotonic() < deadline, f"{recipient} is not deferred: {self.events(recipient)}")
            time.sleep(0.02)
        return told[-1]

    def expect_empty_queue(self):
        left = self.place.listing("queue", "list")
        expect(left == [], f"something is stuck: {left}")

    def mailbox(self, account=ANN):
        """Everything in the inbox, as messages of Python's email."""
        mailbox = Mailbox(self.server.connect("imap"), account, PASSWORD)
        with mailbox.connection:
            if not mailbox.count:
                return []
            return [email.message_from_bytes(raw, policy=email.policy.default)
                    for raw, in mailbox.fetch("BODY.PEEK[]")]

    def reports(self, account=ANN):
        """The notifications in the inbox."""
        return [Report(message) for message in self.mailbox(account) if "delivery-status" in str(message)]


def address_of(typed):
    """"utf-8;\\x{6536}@far.test" is 收@far.test (RFC 6533 §3)."""
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: chr(int(found[1], 16)), typed.partition(";")[2].strip())


class Report:
    """A delivery status notification (RFC 3464): the text, and the fields of each recipient."""

    def __init__(self, message):
        self.message = message
        parts = list(message.iter_parts())
        expect(len(parts) == 3, f"three parts are expected (RFC 6522 §3): {message}")
        self.text = parts[0].get_content()
        groups = parts[1].get_payload()
        if parts[1].get_content_type() == "message/global-delivery-status":  # RFC 6533 §4.1
            groups = [email.message_from_string(group, policy=email.policy.default)
                      for group in self._octets(parts[1]).decode().split("\r\n\r\n") if group.strip()]
        self.about_message = groups[0]
        self.recipients = {address_of(group["Final-Recipient"]): group for group in groups[1:]}
        self.returned = parts[2]

    @staticmethod
    def _octets(part):
        """Python takes what is not encoded for a message within."""
        decoded = part.get_payload(decode=True)
        as_it_came = email.policy.SMTPUTF8.clone(refold_source="none")
        return part.get_payload(0).as_bytes(policy=as_it_came) if decoded is None else decoded

    def expect_to_be_ours(self):
        expect(self.message.get_content_type() == "multipart/report", self.message["Content-Type"])
        for header in ("Auto-Submitted", "In-Reply-To", "References", "Message-ID", "Date"):
            expect(self.message[header], f"a notification has {header}: {self.message}")
        expect(self.about_message["Reporting-MTA"].replace(" ", "") == f"dns;{HOSTNAME}", self.about_message)

    def field(self, recipient, name):
        return str(self.recipients[recipient][name])
