"""Filters outside the server: real milters, ClamAV's daemon, and what speaks as Rspamd does."""
import json
import os
import pathlib
import poplib
import shutil
import smtplib
import socket
import subprocess
import time

from harness import HOSTNAME, PATIENCE, Skipped, expect, free_port
from name_server import NameServer
from scripted_filters import Rspamd, Scripted

MESSAGE = "From: ann@example.test\r\nTo: ann@example.test\r\nSubject: %s\r\n\r\n%s\r\n"
EVERY_CHANGE = pathlib.Path(__file__).parent / "filters" / "every_change.py"
# No virus: ClamAV is given a signature by which it takes these words for one.
MARK = "these words are no virus but a test"


class Program:
    """A filter that runs as long as this does; it is ready when it listens."""

    def __init__(self, place, *command, port=None, path=None):
        if not shutil.which(str(command[0])):
            raise Skipped(f"{command[0]} is not here")
        self.output = place.folder / f"{pathlib.Path(command[0]).name}.log"
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output)
        try:
            self.wait_until_it_listens(command[0], port, path)
        except BaseException:
            self.__exit__()
            raise

    def wait_until_it_listens(self, name, port, path):
        give_up = time.monotonic() + PATIENCE
        while not self.listens(port, path):
            expect(self.process.poll() is None, f"{name} ended: {self.output.read_text()}")
            expect(time.monotonic() < give_up, f"{name} does not listen: {self.output.read_text()}")
            time.sleep(0.02)

    @staticmethod
    def listens(port, path):
        family, address = (socket.AF_INET, ("127.0.0.1", port)) if port else (socket.AF_UNIX, str(path))
        with socket.socket(family) as sock:
            return sock.connect_ex(address) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(PATIENCE)


def send(server, subject, body="Hello", sender="ann@far.test", recipients=("ann@example.test",)):
    """The code of the last reply, and its text."""
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        client.ehlo("client.test")
        code, said = client.mail(sender)
        for recipient in recipients if code == 250 else ():
            code, said = client.rcpt(recipient)
            if code != 250:
                break
        if code == 250:
            code, said = client.data((MESSAGE % (subject, body)).encode())
    return code, said.decode()


def popped(server, account="ann@example.test"):
    """All messages of an account's INBOX, with LF."""
    client = poplib.POP3("127.0.0.1", server.ports["pop3"], PATIENCE)
    client.user(account)
    client.pass_("correct horse")
    messages = [b"\n".join(client.retr(number + 1)[1]).decode() for number in range(client.stat()[0])]
    client.quit()
    return messages


def as_text(rows):
    return json.dumps(rows, ensure_ascii=False)


def story(place, what, words=""):
    """What the history tells, as one text; when the words are there, since refusals are written down behind the client's
    back."""
    return as_text(place.listing_when(lambda rows: words in as_text(rows), "trace", what))


def test_a_milter_changes_everything(place):
    try:
        subprocess.run(["/usr/bin/python3", "-c", "import Milter"], check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Skipped("python3-milter is not here") from error
    place.make_account()
    place.hongyan("account", "add", "bob@example.test", input=b"correct horse\n")
    with free_port() as port:
        milter = Program(place, "/usr/bin/python3", EVERY_CHANGE, f"inet:{port}@127.0.0.1", port=port)
    settings = {"filters.milters": [f"inet:127.0.0.1:{port} name=every-change"], "login.plain_networks": ["127.0.0.0/8"]}
    with milter:
        server = place.serve(settings)
        code, said = send(server, "change", "Hello\r\n.", sender="ann@far.test")
        expect(code == 250, said)
        expect(popped(server) == [], "ann is a recipient no more")
        message, = popped(server, "bob@example.test")
        expect(message.startswith("Return-Path: <filter@far.test>\n"), message)
        expect("\nX-Inserted: " in message and "X-Inserted: no id" not in message, message)
        expect("\nSubject: changed by a filter\nX-Added: at the end\n\tand folded\n\nAnother body,\nin two pieces." in message,
               message)
        told = story(place, "bob@example.test")
        expect("The filter every-change added 2 header fields" in told and "changed the body" in told, told)

        code, said = send(server, "reject")
        expect((code, said) == (554, "5.7.9 100% unwanted"), (code, said))
        code, said = send(server, "discard")
        expect(code == 250 and popped(server) == [], (code, said))
        code, said = send(server, "x", sender="refused-sender@far.test")
        expect(code == 550 and said.startswith("5.7.1 "), (code, said))
        code, said = send(server, "x", recipients=("busy@example.test",))
        expect(code == 550, "the world is asked first")
        place.hongyan("alias", "add", "busy@example.test", "ann@example.test")
        code, said = send(server, "x", recipients=("busy@example.test",))
        expect((code, said) == (450, "4.2.1 Not\n4.2.1 now"), (code, said))
        code, said = send(server, "quarantine")
        expect(code == 250 and popped(server) == [], (code, said))
        held = json.dumps(place.listing("queue", "list"))
        expect("held" in held and "it looks odd" in held, held)
        with server.connect("smtp") as client:
            client.hears("220 ")
            client.says("HELO client.test", "250")
            client.says("FORBIDDEN 1", "500 5.5.1")  # the filter is called at the first MAIL
            client.says("MAIL FROM:<ann@far.test>", "250")
            client.says("FORBIDDEN 1", "550 5.7.1 Not that")
            client.says("NONSENSE", "500 5.5.1")
    # The filter has gone.
    code, said = send(server, "x")
    expect(code == 451 and said.startswith("4.7.1 "), (code, said))
    server.reload(**{"filters.milters": [settings["filters.milters"][0] + " default=accept"]})
    code, said = send(server, "x")
    expect(code == 250 and len(popped(server)) == 1, (code, said))
    expect("could not be asked" in story(place, "ann@example.test"), "the history tells of it")
    code, said = send(server, "x")
    expect(code == 250 and "it is not tried for" in story(place, "ann@example.test"), "it is left alone for a while")


def opendkim(place, name, **settings):
    conf = place.folder / f"{name}.conf"
    settings = {"Syslog": "no", "Background": "no", "UMask": "007", "RequireSafeKeys": "no"} | settings
    if os.geteuid() == 0:
        settings["UserID"] = "root"
    with free_port() as port:
        settings["Socket"] = f"inet:{port}@127.0.0.1"
        conf.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        return port, Program(place, "/usr/sbin/opendkim", "-f", "-x", conf, port=port)


def test_opendkim_signs_and_another_one_verifies(place):
    place.make_account()
    key = place.folder / "s.pem"
    with NameServer() as names:
        found = json.loads(place.hongyan("dkim", "make", "example.test", "s", key, "--bits", "2048", "--json"))
        names.add(found["name"], "TXT", found["record"])
        keys = place.folder / "keys"
        keys.write_text(f"{found['name']} {found['record']}\n")
        strangers = place.folder / "strangers"
        strangers.write_text("192.0.2.1\n")
        signing, signer = opendkim(place, "signer", Mode="s", Domain="example.test", Selector="s", KeyFile=key)
        with signer:
            checking, checker = opendkim(place, "checker", Mode="v", TestDNSData=f"file:{keys}", AlwaysAddARHeader="yes",
                                         InternalHosts=strangers, AuthservID="checker.test")
            with checker:
                server = place.serve({"filters.milters": [f"inet:127.0.0.1:{signing}", f"inet:127.0.0.1:{checking}"],
                                      "login.plain_networks": ["127.0.0.0/8"]})
                code, said = send(server, "hello")
                expect(code == 250, said)
                message, = popped(server)
        expect("\nDKIM-Signature: v=1;" in message, message)
        result = message[message.index("\nAuthentication-Results: checker.test"):][:200]
        expect("dkim=pass" in result and "header.d=example.test" in result, message)
        host, port = names.address.split("@")
        said = place.hongyan("dkim", "verify", "--resolver", f"{host}:{port}", input=message.encode()).decode()
        expect(said.startswith("pass "), said)


def clamd(place):
    """ClamAV with one signature, on a unix socket."""
    database = place.folder / "clamav"
    database.mkdir(exist_ok=True)
    (database / "test.ndb").write_text(f"Hongyan.Test:0:*:{MARK.encode().hex()}\n")
    path = place.folder / "clamd.sock"
    path.unlink(missing_ok=True)
    conf = place.folder / "clamd.conf"
    conf.write_text(f"LocalSocket {path}\nDatabaseDirectory {database}\nForeground yes\nStreamMaxLength 1M\n"
                    "MaxThreads 2\nConcurrentDatabaseReload no\n")
    return path, Program(place, "/usr/sbin/clamd", "--config-file", conf, path=path)


def test_clamav_finds_a_virus(place):
    place.make_account()
    path, daemon = clamd(place)
    with daemon:
        server = place.serve({"clamd.address": f"unix:{path}", "login.plain_networks": ["127.0.0.0/8"]})
        code, said = send(server, "clean")
        expect(code == 250, said)
        code, said = send(server, "infected", f"Beware: {MARK}.")
        expect((code, said) == (550, "5.7.1 The message holds a virus (Hongyan.Test.UNOFFICIAL)"), (code, said))
        told = story(place, "ann@example.test", "ClamAV found Hongyan.Test")
        expect("ClamAV found Hongyan.Test" in told, f"the history names it: {told}")
        server.reload(**{"clamd.infected": "quarantine"})
        code, said = send(server, "infected", f"Beware: {MARK}.")
        expect(code == 250 and len(popped(server)) == 1, (code, said))
        expect("held" in json.dumps(place.listing("queue", "list")), "it waits for somebody to release it")
        server.reload(**{"clamd.size": "1 KiB"})
        code, said = send(server, "large", "large\r\n" * 500)
        expect(code == 250 and len(popped(server)) == 2, (code, said))
    code, said = send(server, "clean")
    expect(code == 451 and said.startswith("4.7.1 "), (code, said))
    server.reload(**{"clamd.default": "accept"})
    code, said = send(server, "clean")
    expect(code == 250 and len(popped(server)) == 3, (code, said))


class LikeRspamd(Rspamd):
    """Answers what the subject of a message says, and remembers what it was asked."""
    said = {"junk": {"action": "add header", "score": 7, "symbols": {"LOOKS_BAD": {"score": 7}}},
            "reject": {"action": "reject", "score": 20, "messages": {"smtp_message": "Spam, surely"}},
            "later": {"action": "soft reject"},
            "rewrite": {"action": "rewrite subject", "subject": "[SPAM] rewritten",
                        "milter": {"add_headers": {"X-Score": {"value": "9", "order": 0}}}}}

    def verdict(self, text):
        self.server.asked.append(dict(self.headers.items()))
        subject = next(line for line in text.splitlines() if line.startswith("Subject: "))[9:]
        return self.said.get(subject, {})


def test_rspamd_is_obeyed(place):
    place.make_account()
    with Scripted(LikeRspamd) as rspamd:
        rspamd.asked = []
        server = place.serve({"rspamd.address": rspamd.address, "login.plain_networks": ["127.0.0.0/8"]})
        rows = [("good", 250, ""), ("junk", 250, ""), ("rewrite", 250, ""), ("later", 451, "4.7.1 Please try again later"),
                ("reject", 550, "5.7.1 Spam, surely")]
        for subject, wanted, words in rows:
            code, said = send(server, subject)
            expect(code == wanted and said.startswith(words), (subject, code, said))
    asked = rspamd.asked[0]
    expect((asked["IP"], asked["Helo"], asked["From"], asked["Rcpt"])
           == ("127.0.0.1", "client.test", "<ann@far.test>", "<ann@example.test>"), asked)
    expect(len(popped(server)) == 1, "what it takes for spam is elsewhere")
    junk = {row["subject"] for row in place.listing("message", "list", "ann@example.test", "--mailbox", "Junk")}
    expect(junk == {"junk", "[SPAM] rewritten"}, junk)
    told = story(place, "ann@example.test")
    expect('Rspamd said \\"add header\\" with a score of 7.00 of 15.00 (LOOKS_BAD 7.00)' in told, told)
    code, said = send(server, "good")
    expect(code == 451, "it has gone")
