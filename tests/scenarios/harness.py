"""A real server process on loopback ports that the system chooses, with a scratch data folder."""
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 60  # seconds until we give up; nothing that works takes as long, also where all else runs beside it
HOSTNAME = "mail.example.test"
SERVICES = ["smtp", "submission", "submissions", "lmtp", "imap", "imaps", "pop3", "pop3s"]


class Failure(Exception):
    """What a scenario expected and did not find."""


class Skipped(Exception):
    """Why a scenario cannot be played here."""


def expect(condition, text):
    if not condition:
        raise Failure(text)


@contextlib.contextmanager
def free_port():
    """For who begins within: until then nobody else is given it."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # others who say so may listen there (socket(7))
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace('"', '\\"') + '"'


def as_systemd_does(command, name, listener):
    """The command with a socket under a name (sd_listen_fds(3)): it must be descriptor 3, and the process the right one."""
    code = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
            "os.execv(sys.argv[2], sys.argv[2:])")
    environment = os.environ | {"LISTEN_FDS": "1", "LISTEN_FDNAMES": name}
    return ([sys.executable, "-c", code, str(listener.fileno()), *command],
            {"pass_fds": [listener.fileno()], "env": environment})


class Server:
    """One running server. Its settings are a flat dictionary: {"limits.connections": 3}."""

    def __init__(self, program, data, settings, inherits=None, before=(), environment=None):
        self.program, self.data = program, pathlib.Path(data)
        self.settings = {"hostname": HOSTNAME, "drain_time": "5s"}
        self.settings |= {f"listen.{name}": ["127.0.0.1:0"] for name in SERVICES}
        self.settings["outbound.enabled"] = False  # who wants to see mail leave says where to
        self.write_settings(settings)
        self.lines = queue.Queue()
        self.errors = tempfile.TemporaryFile()
        command, options = [*before, program, "--data", str(data), "serve"], {}
        if inherits:
            command, options = as_systemd_does(command, *inherits)
        if environment:
            options["env"] = options.get("env", os.environ) | environment
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors,
                                        stdin=subprocess.DEVNULL, text=True, **options)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def write_settings(self, changed):
        self.settings |= changed
        text = "".join(f"{name} = {toml(value)}\n" for name, value in self.settings.items())
        path = self.data / "hongyan.toml"
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").rename(path)

    def wait_until_ready(self):
        """Reads up to the line with "ready", from which the ports are known."""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise Failure("the server does not get ready") from None
            if line is None:
                raise Failure(f"the server ended with {self.process.wait()}: {self.log()}")
            if "ready" in line:
                self.ports = {name: int(port) for name, port in re.findall(r"(\w+) \S+:(\d+)", line)}
                return self

    def log(self):
        """What it has written so far. It goes on writing at the place that the file is at, so that is not moved."""
        number = self.errors.fileno()
        return os.pread(number, os.fstat(number).st_size, 0).decode()

    def wait_for_log(self, text, times=1):
        """Until the text is in the log; a log has no other way to be waited for."""
        done = threading.Event()
        for _ in range(PATIENCE * 50):
            if self.log().count(text) >= times:
                return
            done.wait(0.02)
        raise Failure(f"not in the log: {text}\n{self.log()}")

    def kill(self, number):
        os.kill(self.process.pid, number)

    def reload(self, **changed):
        before = self.log().count(" reloaded")
        self.write_settings({name.replace("__", "."): value for name, value in changed.items()})
        self.kill(signal.SIGHUP)
        self.wait_for_log(" reloaded", before + 1)

    def wait(self):
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure("the server does not end") from None

    def stop(self):
        """However the scenario went, its server does not outlive it. True if it was running and ended well, or had
        ended before."""
        if self.process.poll() is not None:
            return True
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE) == 0
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False

    def connect(self, service, **options):
        return Connection(socket.create_connection(("127.0.0.1", self.ports[service]), PATIENCE), **options)

    def trust(self):
        """A client's context that trusts the test authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.data / "ca.pem"))

    def connect_tls(self, service, hostname=HOSTNAME):
        raw = socket.create_connection(("127.0.0.1", self.ports[service]), PATIENCE)
        return Connection(self.trust().wrap_socket(raw, server_hostname=hostname))


class Connection:
    """A client's side, line by line."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self.buffer = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, text):
        self.send_octets(text.encode())

    def send_octets(self, octets):
        self.sock.sendall(octets)

    def _receive(self):
        """False when the server has closed."""
        try:
            more = self.sock.recv(1 << 20)
        except ConnectionResetError:
            more = b""
        self.buffer += more
        return bool(more)

    def octets(self, count):
        while len(self.buffer) < count:
            expect(self._receive(), f"the connection ends {count - len(self.buffer)} octets too soon")
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def octets_until(self, end):
        """Everything before `end`, which is taken too."""
        looked_at = 0
        while (found := self.buffer.find(end, looked_at)) < 0:
            looked_at = max(0, len(self.buffer) - len(end))
            expect(self._receive(), f"the connection ends before {end!r}")
        taken = self.octets(found)
        self.octets(len(end))
        return taken

    def line(self):
        """The next line without its end, or None when the server has closed."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            if not self._receive():
                expect(not self.buffer, f"the connection ends inside a line: {bytes(self.buffer)!r}")
                return None
        line = self.buffer[:end].decode()
        del self.buffer[:end + 2]
        return line

    def hears(self, beginning):
        line = self.line()
        expect(line is not None and line.startswith(beginning), f"expected {beginning!r}, heard {line!r}")
        return line

    def hears_lines(self, last):
        """All lines up to the one that begins with `last`."""
        lines = []
        while not lines or not lines[-1].startswith(last):
            lines.append(self.hears(""))
        return lines

    def says(self, text, answer):
        self.send(text + "\r\n")
        return self.hears(answer)

    def hears_end(self):
        line = self.line()
        expect(line is None, f"expected the end, heard {line!r}")

    def start_tls(self, context, hostname=HOSTNAME):
        self.sock = context.wrap_socket(self.sock, server_hostname=hostname)


class Place:
    """Where one scenario plays."""

    def __init__(self, program):
        self.program = program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-scenario-"))
        self.servers = []
        self.before = ()  # words of a command that becomes the program that follows them, as nice does

    def start(self, settings=None, data="data", inherits=None, before=(), environment=None):
        """A server that may yet fail to get ready. `before` as Place.before, for this one only."""
        folder = self.folder / data
        folder.mkdir(mode=0o700, exist_ok=True)
        self.servers.append(Server(self.program, folder, settings or {}, inherits, [*self.before, *before],
                                   environment))
        return self.servers[-1]

    def serve(self, settings=None, data="data", inherits=None, before=(), environment=None):
        return self.start(settings, data, inherits, before, environment).wait_until_ready()

    def hongyan(self, *words, input=b"", code=0, data="data", folder=None):
        """One command of the program, on the data folder or through the server that holds it. Its standard output."""
        done = subprocess.run([*self.before, self.program, "--data", str(self.folder / data), *map(str, words)], input=input,
                              capture_output=True, timeout=10 * PATIENCE, cwd=folder or self.folder)
        expect(done.returncode == code,
               f"{' '.join(map(str, words))} ended with {done.returncode}, not {code}: {done.stderr.decode()}")
        self.errors = done.stderr.decode()
        return done.stdout

    def listing(self, *words, **options):
        """The same for a listing, as Python values."""
        return json.loads(self.hongyan(*words, "--json", **options))

    def listing_when(self, is_there, *words):
        """The same, of what the server writes down when it has answered already: when it is there, or as it is in the end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            is_over = time.monotonic() >= deadline
            try:
                rows = self.listing(*words)
                if is_there(rows) or is_over:
                    return rows
            except Failure:  # of whom nothing is known yet
                if is_over:
                    raise
            time.sleep(0.02)

    def make_account(self, name="ann@example.test", password="correct horse"):
        self.hongyan("domain", "add", name.split("@")[1])
        self.hongyan("account", "add", name, input=password.encode() + b"\n")
        return name

    def end_servers(self):
        """True if all ended well."""
        return all([server.stop() for server in self.servers])

    def leave(self):
        """Ends what is still running; a server that does not end well fails the scenario."""
        stopped = self.end_servers()
        shutil.rmtree(self.folder, ignore_errors=True)
        expect(stopped, "a server does not end well")
