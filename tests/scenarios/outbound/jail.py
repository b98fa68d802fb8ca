"""Postfix, Exim, OpenSMTPD and smtp-sink as Debian has them, each in a small world of files of its own: so none is
installed, and none sees the machine's settings, users and mail. Only root can make such a world.

HONGYAN_PEERS says where tools/fetch-peers has unpacked them.
"""
import email
import email.policy
import os
import pathlib
import signal
import socket
import subprocess
import time

from authority import Authority
from harness import PATIENCE, Skipped, expect

IDS = {"root": 0, "postfix": 61001, "postdrop": 61002, "Debian-exim": 61003, "opensmtpd": 61004, "opensmtpq": 61005,
       "box": 61009, "nobody": 65534}
MOUNTS = """
set -e
root=$1
shift
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done
shift
exec chroot "$root" "$@"
"""


def unpacked():
    folder = os.environ.get("HONGYAN_PEERS")
    if not folder or not (pathlib.Path(folder) / "complete").exists():
        raise Skipped("HONGYAN_PEERS does not say where the peers are (tools/fetch-peers)")
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        raise Skipped("only root can give a peer a world of its own")
    return pathlib.Path(folder) / "root"


class Jail:
    """One program of other people; mail that it delivers lies in the Maildir /mail/box."""

    def __init__(self, house, name, address):
        peers = unpacked()
        self.house, self.name, self.address = house, name, address
        self.domain = f"{name}.test"
        self.root = house.place.folder / f"peer-{name}"
        self.mounts = []
        self.process = None
        for folder in ("etc", "tmp", "run", "var/log", "var/spool", "var/lib", "mail", "usr"):
            (self.root / folder).mkdir(parents=True)
        self.root.chmod(0o755)
        (self.root / "tmp").chmod(0o1777)
        for link, target in (("lib", "usr/lib"), ("lib64", "usr/lib64"), ("bin", "usr/bin"), ("var/run", "/run")):
            (self.root / link).symlink_to(target)
        for folder in ("/dev", "/usr/bin", "/usr/lib64", *map(str, pathlib.Path("/usr/lib").glob("*-linux-gnu*"))):
            self.mount(folder, folder)
        for folder in ("/usr/sbin", "/usr/lib/postfix", "/usr/libexec"):
            self.mount(f"{peers}{folder}", folder)
        self.write("etc/passwd", "".join(f"{name}:x:{id}:{id}::/mail:/bin/sh\n" for name, id in IDS.items()))
        self.write("etc/group", "".join(f"{name}:x:{id}:\n" for name, id in IDS.items()))
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n")
        self.write("etc/resolv.conf", "")
        self.write("etc/services", "smtp 25/tcp\n")
        self.own("mail", "box", "box")
        certificate = Authority(house.place, f"authority-{name}").certify(
            f"mx10.{self.domain}", ("DNS", f"mx10.{self.domain}"), usage="serverAuth")
        self.write("etc/both.pem", certificate.read_text()).chmod(0o600)
        house.names.add(self.domain, "MX", (10, f"mx10.{self.domain}"))
        house.names.add(f"mx10.{self.domain}", "A", address)
        house.listen(address).close()  # so that the port is chosen

    def mount(self, source, target):
        if pathlib.Path(source).is_dir():
            (self.root / target[1:]).mkdir(parents=True, exist_ok=True)
            self.mounts += [source, target]

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def own(self, name, user, group, mode=0o755):
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, IDS[user], IDS[group])
        path.chmod(mode)

    def start(self, *command):
        """Until the house is left. It leads a group of its own, which ends with it."""
        self.output = open(self.root / "output", "wb")
        alone = ["unshare", "--mount", "--propagation", "private"]
        self.process = subprocess.Popen(
            [*alone, "sh", "-c", MOUNTS, "sh", self.root, *self.mounts, "--", *command], stdin=subprocess.DEVNULL,
            stdout=self.output, stderr=self.output, start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        self.house.resources.callback(self.stop)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection((self.address, self.house.port), PATIENCE).close()
                return self
            except ConnectionRefusedError:
                is_alive = self.process.poll() is None
                expect(is_alive and time.monotonic() < deadline, f"{self.name} does not begin: {self.log()}")
                time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()

    def log(self):
        files = [self.root / "output", *(self.root / "var/log").rglob("*")]
        return "".join(file.read_text(errors="replace") for file in files if file.is_file())

    def delivered(self, count):
        """So many messages of the box, when they are there."""
        deadline = time.monotonic() + PATIENCE
        while len(found := list((self.root / "mail/box/new").glob("*"))) < count:
            expect(time.monotonic() < deadline, f"{self.name} has delivered {len(found)} of {count}: {self.log()}")
            time.sleep(0.05)
        expect(len(found) == count, f"{self.name} has delivered {len(found)}, not {count}")
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in found]


def postfix(house, address):
    jail = Jail(house, "postfix", address)
    spool = "var/spool/postfix"
    jail.own(spool, "root", "root")
    for folder in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
                   "trace"):
        jail.own(f"{spool}/{folder}", "postfix", "root", 0o700)
    jail.own(f"{spool}/pid", "root", "root")
    jail.own(f"{spool}/maildrop", "postfix", "postdrop", 0o730)
    jail.own(f"{spool}/public", "postfix", "postdrop", 0o710)
    jail.own("var/lib/postfix", "postfix", "postfix", 0o700)
    jail.write("etc/postfix/main.cf", f"""
compatibility_level = 3.6
myhostname = mx10.postfix.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
maillog_file = /var/log/postfix.log
maillog_file_permissions = 0644
mail_owner = postfix
setgid_group = postdrop
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = postfix.test
virtual_mailbox_base = /mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{IDS["box"]}
virtual_gid_maps = static:{IDS["box"]}
virtual_mailbox_limit = 0
message_size_limit = 52428800
relayhost = [127.0.0.1]:{house.server.ports["smtp"]}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_tls_cert_file = /etc/both.pem
smtpd_tls_key_file = /etc/both.pem
smtpd_tls_security_level = may
smtp_tls_security_level = may
smtputf8_enable = yes
in_flow_delay = 0
""")
    services = ["cleanup unix n - n - 0", "qmgr unix n - n 300 1", "tlsmgr unix - - n 1000? 1",
                "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0", "defer unix - - n - 0 bounce",
                "trace unix - - n - 0 bounce", "smtp unix - - n - -", "relay unix - - n - - smtp",
                "error unix - - n - -", "retry unix - - n - - error", "virtual unix - n n - -",
                "anvil unix - - n - 1", "scache unix - - n - 1",
                "postlog unix-dgram n - n - 1 postlogd", f"{address}:{house.port} inet n - n - - smtpd"]
    jail.write("etc/postfix/master.cf", "".join(
        f"{line}{'' if len(line.split()) == 8 else ' ' + line.split()[0]}\n" for line in services))
    return jail.start("/usr/lib/postfix/sbin/master", "-c", "/etc/postfix", "-d")


def exim(house, address):
    jail = Jail(house, "exim", address)
    jail.own("var/spool/exim4", "Debian-exim", "Debian-exim")
    jail.own("var/log/exim4", "Debian-exim", "Debian-exim")
    jail.write("etc/exim4/exim4.conf", f"""
primary_hostname = mx10.exim.test
local_interfaces = <; {address}
daemon_smtp_ports = {house.port}
exim_user = Debian-exim
exim_group = Debian-exim
never_users =
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = everybody
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = /etc/both.pem
dsn_advertise_hosts = *
chunking_advertise_hosts =
message_size_limit = 50M
smtp_accept_max_per_connection = 0
keep_environment =
begin acl
everybody:
  accept
begin routers
here:
  driver = accept
  domains = exim.test
  transport = box
back:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = out
begin transports
box:
  driver = appendfile
  directory = /mail/box
  maildir_format
  create_directory
  user = box
out:
  driver = smtp
  port = {house.server.ports["smtp"]}
  allow_localhost
  hosts_try_dane =
begin retry
*  *  F,1h,1s
""")
    (jail.root / "etc/both.pem").chmod(0o644)
    return jail.start("/usr/sbin/exim4", "-bdf", "-q1h")


def opensmtpd(house, address):
    jail = Jail(house, "opensmtpd", address)
    jail.own("var/spool/smtpd", "root", "root", 0o711)
    jail.own("var/lib/opensmtpd/empty", "root", "root")
    jail.write("etc/mailname", "mx10.opensmtpd.test\n")
    jail.write("etc/smtpd.conf", f"""
pki here cert "/etc/both.pem"
pki here key "/etc/both.pem"
table everybody {{ "@" = "box" }}
smtp max-message-size 50M
listen on {address} port {house.port} tls pki here hostname mx10.opensmtpd.test
action "box" maildir "/mail/box" virtual <everybody>
action "back" relay host smtp://127.0.0.1:{house.server.ports["smtp"]}
match from any for domain "opensmtpd.test" action "box"
match from any for any action "back"
""")
    return jail.start("/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf")


def smtp_sink(house, address):
    """It writes a file for each message."""
    jail = Jail(house, "sink", address)
    jail.own("mail/box/new", "box", "box")
    return jail.start("/usr/sbin/smtp-sink", "-u", "box", "-R", "/mail/box/new", "-d", "m.",
                      f"{address}:{house.port}", "100")
