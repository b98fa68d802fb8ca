#!/usr/bin/env python3
"""Plays a piece of the domain name system on loopback and runs the tests of the resolver against it.

    run.py PROGRAM [ARGUMENT...]

Makes the zones signed.test and bogus.test (signed) and plain.test (not signed), and serves them by nsd on a free port.
PROGRAM finds the port in HONGYAN_DNS_SERVER (127.0.0.1@PORT) and the trust anchors in HONGYAN_DNS_ANCHORS; the
one of bogus.test is not the key it is signed with. Its exit code is ours.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SOA = "@ 300 IN SOA ns.{zone}. host.{zone}. 1 3600 600 86400 300\n@ 300 IN NS ns.{zone}.\nns 300 IN A 127.0.0.1\n"
DIGEST = "00112233445566778899aabbccddeeff" * 2
ZONES = {
    "signed.test": f"""
@ IN MX 20 mx2
@ IN MX 10 mx1
@ IN TXT "v=spf1 " "-all"
mx1 IN A 192.0.2.1
mx1 IN AAAA 2001:db8::1
_25._tcp.mx1 IN TLSA 3 1 1 {DIGEST}
mx2 IN A 192.0.2.2
null IN MX 0 .
alias IN CNAME mx1
to-plain IN CNAME host.plain.test.
_25._tcp.to-plain IN TLSA 3 1 1 {DIGEST}
hostonly IN A 192.0.2.3
""",
    "bogus.test": """
@ IN MX 10 mx
mx IN A 192.0.2.4
""",
    "plain.test": f"""
@ IN MX 10 host
@ IN MX 10 alias
host IN A 192.0.2.5
alias IN CNAME host
_25._tcp.host IN TLSA 3 1 1 {DIGEST}
""",
}


def output(folder, *command):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def make_key(folder, zone, *kind):
    return output(folder, "ldns-keygen", "-r", "/dev/urandom", "-a", "ECDSAP256SHA256", *kind, zone)


def make_zones(folder):
    """Writes the zones' files; returns the trust anchors."""
    anchors = ""
    for zone, records in ZONES.items():
        file = folder / zone
        file.write_text(f"$ORIGIN {zone}.\n$TTL 300\n" + SOA.format(zone=zone) + records)
        if zone == "plain.test":
            continue
        keys = [make_key(folder, zone, "-k"), make_key(folder, zone)]
        output(folder, "ldns-signzone", "-f", f"{zone}.signed", zone, *keys)
        os.replace(folder / f"{zone}.signed", file)
        trusted = make_key(folder, zone, "-k") if zone == "bogus.test" else keys[0]
        anchors += (folder / f"{trusted}.key").read_text()
    return anchors


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


def start_server(folder, port):
    zones = "".join(f'zone:\n  name: "{zone}"\n  zonefile: "{zone}"\n' for zone in ZONES)
    (folder / "nsd.conf").write_text(f"""
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  server-count: 1
remote-control:
  control-enable: no
{zones}""")
    program = shutil.which("nsd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    log = open(folder / "nsd.log", "wb")
    return subprocess.Popen([program, "-d", "-c", "nsd.conf"], cwd=folder, stdout=log, stderr=log)


def wait_for(server, port, folder):
    for _ in range(500):
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit("nsd does not answer:\n" + (folder / "nsd.log").read_text(errors="replace"))


def main():
    with tempfile.TemporaryDirectory(prefix="hongyan-dns-") as scratch:
        folder = pathlib.Path(scratch)
        anchors = folder / "anchors"
        anchors.write_text(make_zones(folder))
        port = free_port()
        server = start_server(folder, port)
        try:
            wait_for(server, port, folder)
            told = {"HONGYAN_DNS_SERVER": f"127.0.0.1@{port}", "HONGYAN_DNS_ANCHORS": str(anchors)}
            return subprocess.run(sys.argv[1:], env={**os.environ, **told}, timeout=60, check=False).returncode
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    sys.exit(main())
