"""Our server, from a release build, with its defaults: what is set is where it listens and who may log in how."""
import subprocess

from common import DOMAIN, PASSWORD, SERVICES, end, give_up, make_certificate, run, user_names, wait_until
from sink import RELAYED

SETTINGS = """hostname = "mail.{domain}"
drain_time = "5 s"

[listen]
smtp = ["127.0.0.1:{smtp}"]
submission = ["127.0.0.1:{submission}"]
submissions = []
lmtp = ["127.0.0.1:{lmtp}"]
imap = ["127.0.0.1:{imap}"]
imaps = ["127.0.0.1:{imaps}"]
pop3 = ["127.0.0.1:{pop3}"]
pop3s = []

[tls]
certificate = "{certificate}"
key = "{key}"

[login]
plain_networks = ["127.0.0.0/8"]

[smtp]
relay_networks = ["127.0.0.0/8"]

[outbound]
enabled = true
routes = ["{relayed} [127.0.0.1]:{sink}"]

[limits]
connections = 60000
"""


class Hongyan:
    title = "Hongyan"

    def __init__(self, scratch, first_port, program, sink):
        """`sink`: the port that mail for RELAYED goes to."""
        self.sink, self.program, self.data = sink, program, scratch / "hongyan"
        self.ports = {name: first_port + i for i, name in enumerate(SERVICES)}
        self.scratch, self.process = scratch, None

    def prepare(self):
        self.data.mkdir(mode=0o700, exist_ok=True)
        certificate, key = make_certificate(self.scratch)
        settings = SETTINGS.format(domain=DOMAIN, certificate=certificate, key=key, relayed=RELAYED, sink=self.sink, **self.ports)
        (self.data / "hongyan.toml").write_text(settings)

    def start(self, idle=False):
        """`idle`: many connections will do nothing; for us that needs no other settings."""
        self.prepare()
        log = self.data / "log"
        with open(log, "w") as out:
            self.process = subprocess.Popen([self.program, "--data", str(self.data), "serve"], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL)
        wait_until(lambda: "ready" in log.read_text(), self.process)
        self.make_accounts()

    def make_accounts(self):
        made = self.data / "accounts-made"
        if made.exists():
            return
        run(self.program, "--data", self.data, "domain", "add", DOMAIN)
        for name in user_names():
            run(self.program, "--data", self.data, "account", "add", name, input=PASSWORD + "\n")
        made.touch()

    def stop(self):
        end(self.process)

    def pids(self):
        if self.process is None or self.process.poll() is not None:
            give_up(f"Hongyan is not running; see {self.data}/log")
        return [self.process.pid]
