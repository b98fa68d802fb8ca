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
    """For streams and for datagrams."""
    while True:
        with (socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
              socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams):
            stream.bind(("127.0.0.1", 0))
            port = stream.getsockname()[1]
            with contextlib.suppress(OSError):
                datagrams.bind(("127.0.0.1", port))
                return port


def begin_server(folder, zones, port):
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


def answers(server, port):
    """False if it ends, or does not answer in a minute, which is longer than any machine needs."""
    late = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < late:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        time.sleep(0.01)
    return False


def start_server(folder, zones):
    """The server and its port. Somebody else may be given the port before the server has it."""
    for _ in range(5):
        port = free_port()
        server = begin_server(folder, zones, port)
        if answers(server, port):
            return server, port
        if server.poll() is None:
            server.kill()
            break
    raise SystemExit("nsd does not answer:\n" + (folder / "nsd.log").read_text(errors="replace"))


@contextlib.contextmanager
def served(zones, unsigned=(), mistrusted=()):
    """The server's port, and the file with the trust anchors; those of mistrusted zones are not their keys."""
    with tempfile.TemporaryDirectory(prefix="hongyan-dns-") as scratch:
        folder = pathlib.Path(scratch)
        anchors = folder / "anchors"
        anchors.write_text(make_zones(folder, zones, unsigned, mistrusted))
        server, port = start_server(folder, zones)
        try:
            yield port, anchors
        finally:
            server.terminate()
            server.wait()
