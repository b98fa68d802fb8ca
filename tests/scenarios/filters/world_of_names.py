"""A program in a world whose only name server is ours: for those who ask port 53 of whatever /etc/resolv.conf says.

    unshare --net --mount … world_of_names.py FOLDER COMMAND…   FOLDER/names.json is [[name, type, [value, …]], …]
"""
import fcntl
import json
import pathlib
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from name_server import NameServer  # noqa: E402

SIOCSIFFLAGS, UP_AND_RUNNING = 0x8914, 0x41  # netdevice(7)

folder = pathlib.Path(sys.argv[1])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))
(folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
subprocess.run(["mount", "--bind", folder / "resolv.conf", "/etc/resolv.conf"], check=True)
with NameServer(53) as names:
    for name, kind, values in json.loads((folder / "names.json").read_text()):
        names.add(name, kind, *values)
    sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)
