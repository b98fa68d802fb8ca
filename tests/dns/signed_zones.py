"""Zones of the domain name system, signed or not, served by nsd on loopback."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

SOA = "@ 300 IN SOA ns.{zone}. host.{zone}. 1 3600 600 86400 300\n@ 300 IN NS ns.{zone}.\nns 300 IN A 127.0.0.1\n"


def output(folder, *command):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def make_key(folder, zone, *kind):
    return output(folder, "ldns-keygen", "-r", "/dev/urandom", "-a", "ECDSAP256SHA256", *kind, zone)


def make_zones(folder, zones, unsigned, mistrusted):
    """Writes the zones' files; returns the trust anchors."""
    anchors = ""
    for zone, records in zones.items():
        file = folder / zone
        file.write_text(f"$ORIGIN {zone}.\n$TTL 300\n" + SOA.format(zone=zone) + records)
        if zone in unsigned:
            continue
        keys = [make_key(folder, zone, "-k"), make_key(folder, zone)]
        output(folder, "ldns-signzone", "-f", f"{zone}.signed", zone, *keys)
        os.replace(folder / f"{zone}.signed", file)
        trusted = make_key(folder, zone, "-k") if zone in mistrusted else keys[0]
        anchors += (folder / f"{trusted}.key").read_text()
    return anchors


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind(("127.0.0.1", 0))
        return stream.getsockname()[1]


def start_server(folder, zones, port):
    served = "".join(f'zone:\n  name: "{zone}"\n  zonefile: "{zone}"\n' for zone in zones)
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
{served}""")
    program = shutil.which("nsd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    with open(folder / "nsd.log", "wb") as log:
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


@contextlib.contextmanager
def served(zones, unsigned=(), mistrusted=()):
    """The server's port, and the file with the trust anchors; those of mistrusted zones are not their keys."""
    with tempfile.TemporaryDirectory(prefix="hongyan-dns-") as scratch:
        folder = pathlib.Path(scratch)
        anchors = folder / "anchors"
        anchors.write_text(make_zones(folder, zones, unsigned, mistrusted))
        port = free_port()
        server = start_server(folder, zones, port)
        try:
            wait_for(server, port, folder)
            yield port, anchors
        finally:
            server.terminate()
            server.wait()
