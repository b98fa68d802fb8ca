"""Postfix and Dovecot from Debian's packages, unpacked and run in the scratch folder: no package is installed, no
account made, and no mail server of the machine touched. Needs root, as both change users.

Tuned to be fast on one machine: log-ins cached, processes kept and waiting, sdbox, LMTP over a unix socket with many
deliveries at once, no look-ups. Both keep the promise that we keep: what is acknowledged is synced.
"""
import os
import pathlib
import pwd
import re
import secrets
import shutil
import subprocess

from common import (DOMAIN, PASSWORD, SERVICES, end, folder_for_all, give_up, listens, make_certificate, run,
                    user_names, wait_until)
from sink import RELAYED

PACKAGES = ["postfix", "dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "dovecot-pop3d"]

# Both want users of their own. These come with every Debian and own nothing (base-passwd).
POSTFIX_USER, POSTFIX_GROUP = "news", "irc"
DOVECOT_USER, LOGIN_USER = "uucp", "list"
MAIL_USER = "mail"

# What Dovecot looks for where it was built to be, by the names of our links to it.
FIXED_PATHS = {"m": "usr/lib/dovecot/modules", "c": "usr/bin/doveconf"}

MAIN_CF = """compatibility_level = 3.6
queue_directory = {postfix}/spool
data_directory = {postfix}/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {postfix}/etc
import_environment = MAIL_CONFIG MAIL_DEBUG TZ LANG=C LD_LIBRARY_PATH
export_environment = TZ LANG LD_LIBRARY_PATH
mail_owner = {postfix_user}
setgid_group = {postfix_group}
default_privs = nobody
syslog_name = hongyan-compare
myhostname = mx.{domain}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
biff = no
disable_dns_lookups = yes
transport_maps = inline:{{{relayed}=smtp:[127.0.0.1]:{sink}}}
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:{dovecot}/run/lmtp
default_process_limit = 100
lmtp_destination_concurrency_limit = 16
initial_destination_concurrency = 16
lmtp_connection_cache_on_demand = yes
in_flow_delay = 0
qmgr_message_active_limit = 50000
qmgr_message_recipient_limit = 50000
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_event_limit_exceptions = 127.0.0.0/8
smtpd_recipient_restrictions =
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/run/auth-client
"""

MASTER_CF = """127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""

# What is called otherwise in 2.4, which Debian 13 has.
DOVECOT_2_3 = """import_environment = TZ LD_LIBRARY_PATH
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {dovecot}/users
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_user} home={dovecot}/mail/%u allow_all_users=yes
}}
mail_location = {store}:~/{store}
"""

DOVECOT_2_4 = """dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
import_environment {{
  LD_LIBRARY_PATH = %{{env:LD_LIBRARY_PATH}}
}}
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
auth_allow_cleartext = yes
passdb passwd-file {{
  passwd_file_path = {dovecot}/users
  default_password_scheme = plain
}}
userdb static {{
  fields {{
    uid = {mail_user}
    gid = {mail_user}
    home = {dovecot}/mail/%{{user}}
  }}
}}
mail_driver = {store}
mail_path = ~/{store}
"""

# By version: how the settings begin, and what a process that ends after some sessions, or never, is told by.
DOVECOT_SETTINGS = {
    "2.3": (DOVECOT_2_3, {"service_count": "service_count", "for_ever": 0}),
    "2.4": (DOVECOT_2_4, {"service_count": "restart_request_count", "for_ever": "unlimited"}),
}

DOVECOT_CONF = """base_dir = {dovecot}/run
state_dir = {dovecot}/state
libexec_dir = {root}/usr/lib/dovecot
mail_plugin_dir = {root}/usr/lib/dovecot/modules
instance_name = hongyan-compare
default_internal_user = {dovecot_user}
default_internal_group = {dovecot_user}
default_login_user = {login_user}
protocols = imap pop3 lmtp
listen = 127.0.0.1
log_path = {dovecot}/error.log
info_log_path = /dev/null
ssl = yes
auth_mechanisms = plain
auth_cache_size = 16M
auth_cache_ttl = 1 hour
first_valid_uid = 1
mail_uid = {mail_user}
mail_gid = {mail_user}
mail_fsync = optimized
mail_max_userip_connections = 0
maildir_very_dirty_syncs = yes
mdbox_rotate_size = 64M
default_vsz_limit = 2G
default_client_limit = 20000
{hibernation}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  {service_count} = {for_ever}
  process_min_avail = 2
  process_limit = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  {service_count} = {for_ever}
  process_min_avail = 2
  process_limit = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service imap {{
  process_min_avail = 4
  process_limit = 10500
  {service_count} = {imap_service_count}
  unix_listener imap-master {{
    mode = 0666
  }}
}}
service imap-hibernate {{
  unix_listener imap-hibernate {{
    mode = 0666
  }}
}}
service pop3 {{
  process_min_avail = 4
  process_limit = 1000
  {service_count} = 200
}}
service lmtp {{
  process_min_avail = 8
  process_limit = 100
  {service_count} = {for_ever}
  inet_listener lmtp {{
    port = {lmtp}
  }}
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


def dovecot_files(root):
    for folder in ("usr/lib/dovecot", "usr/sbin", "usr/bin"):
        yield from (path for path in (root / folder).iterdir() if path.is_file() and not path.is_symlink())


class PostfixDovecot:
    title = "Postfix + Dovecot"

    def __init__(self, scratch, first_port, store, sink=0):
        """`sink`: the port that mail for RELAYED goes to."""
        self.root, self.postfix, self.dovecot = scratch / "debian", scratch / "postfix", scratch / "dovecot"
        self.ports = {name: first_port + i for i, name in enumerate(SERVICES)}
        self.scratch, self.store, self.sink = scratch, store, sink
        self.processes = []

    def unpack(self):
        """The packages, and of those they need what this machine has not."""
        if self.root.exists():
            return
        plan = run("apt-get", "-s", "-o", "Debug::NoLocking=1", "install", "--no-install-recommends", *PACKAGES)
        missing = re.findall(r"^Inst (\S+)", plan, re.M)
        debs, unfinished = folder_for_all(self.scratch / "debs"), folder_for_all(self.root.with_suffix(".new"))
        run("apt-get", "download", "-o", "APT::Sandbox::User=root", *sorted({*PACKAGES, *missing}), cwd=debs)
        for deb in sorted(debs.glob("*.deb")):
            run("dpkg-deb", "-x", deb, unfinished)
        self.move_fixed_paths(unfinished)
        unfinished.rename(self.root)

    def move_fixed_paths(self, root):
        """Paths that no setting changes become, inside the unpacked copies, those of links which are there while the
        servers run. Slashes make them as long as what was there."""
        link = f"/run/hy-{secrets.token_hex(3)}"
        links = folder_for_all(self.scratch / "fixed-paths")
        (links / "name").write_text(link)
        for name, path in FIXED_PATHS.items():
            (links / name).unlink(missing_ok=True)
            (links / name).symlink_to(self.root / path)
            old = f"/{path}".encode()
            new = link.encode().ljust(len(old) - len(name), b"/") + name.encode()
            for file in dovecot_files(root):
                content = file.read_bytes()
                if old in content:
                    file.write_bytes(content.replace(old, new))

    def link(self):
        """Where the fixed paths of the unpacked copies begin."""
        return pathlib.Path((self.scratch / "fixed-paths" / "name").read_text())

    def dovecot_version(self):
        version = run(self.root / "usr/sbin/dovecot", "--version", env=self.environment())[:3]
        if version not in DOVECOT_SETTINGS:
            give_up(f"there are no settings here for Dovecot {version}")
        return version

    def environment(self):
        """Programs that are not where they were built to be find their libraries all the same."""
        libraries = [self.root / "usr/lib/postfix", self.root / "usr/lib/dovecot",
                     *self.root.glob("**/lib/*-linux-gnu")]
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    def configure(self, idle):
        certificate, key = make_certificate(self.scratch)
        beginning, words = DOVECOT_SETTINGS[self.dovecot_version()]
        names = {"root": self.root, "postfix": self.postfix, "dovecot": self.dovecot, "domain": DOMAIN,
                 "certificate": certificate, "key": key, "postfix_user": POSTFIX_USER, "postfix_group": POSTFIX_GROUP,
                 "dovecot_user": DOVECOT_USER, "login_user": LOGIN_USER, "mail_user": MAIL_USER, "store": self.store,
                 # A connection that sleeps goes to one process for all of them, and its own process ends.
                 "hibernation": "imap_hibernate_timeout = 2s" if idle else "", "imap_service_count": 1 if idle else 200,
                 "relayed": RELAYED, "sink": self.sink, **words, **self.ports}
        etc = folder_for_all(self.postfix / "etc")
        (etc / "main.cf").write_text(MAIN_CF.format(**names))
        (etc / "master.cf").write_text(MASTER_CF.format(**names))
        (self.dovecot / "dovecot.conf").write_text((beginning + DOVECOT_CONF).format(**names))
        (self.dovecot / "users").write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}::::::\n" for name in user_names()))

    def make_folders(self):
        owner = pwd.getpwnam(POSTFIX_USER)
        folder_for_all(self.postfix)
        folder_for_all(self.postfix / "spool")
        for name in ("incoming", "active", "deferred", "bounce", "defer", "corrupt", "hold", "flush", "trace", "saved",
                     "private", "public", "maildrop", "pid"):
            folder = self.postfix / "spool" / name
            folder.mkdir(exist_ok=True)
            if name != "pid":
                os.chown(folder, owner.pw_uid, -1)
                folder.chmod(0o755 if name == "public" else 0o700)
        data = self.postfix / "data"
        data.mkdir(exist_ok=True)
        os.chown(data, owner.pw_uid, -1)
        folder_for_all(self.dovecot)
        for name in ("run", "state", "mail"):
            folder_for_all(self.dovecot / name)
        shutil.chown(self.dovecot / "mail", MAIL_USER, MAIL_USER)

    def start(self, idle=False):
        """`idle`: many connections will do nothing, so Dovecot puts them to sleep."""
        self.unpack()
        self.link().unlink(missing_ok=True)
        self.link().symlink_to(self.scratch / "fixed-paths")
        self.make_folders()
        self.configure(idle)
        self.launch("imap", self.root / "usr/sbin/dovecot", "-F", "-c", self.dovecot / "dovecot.conf")
        self.launch("smtp", self.root / "usr/lib/postfix/sbin/master", "-c", self.postfix / "etc", "-d")

    def launch(self, service, *command):
        with open(self.scratch / "postfix-dovecot.log", "a") as log:
            process = subprocess.Popen([str(word) for word in command], env=self.environment(), stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL, start_new_session=True)
        self.processes.append(process)
        wait_until(lambda: listens(self.ports[service]), process)

    def stop(self):
        while self.processes:
            end(self.processes.pop())
        if self.root.exists():
            self.link().unlink(missing_ok=True)

    def pids(self):
        for process in self.processes:
            if process.poll() is not None:
                give_up(f"{process.args[0]} has ended; see {self.scratch}/postfix-dovecot.log")
        return [process.pid for process in self.processes]
