"""A name server on loopback that knows what a scenario tells it: enough of RFC 1035 for a resolver that forwards."""
import ipaddress
import socket
import socketserver
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "MX": 15, "PTR": 12, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
TTL = 60  # seconds
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3
TRUNCATED = 0x0200
LARGEST_DATAGRAM = 1232  # octets; what is larger goes by TCP


def wire_name(name):
    """Octets of a label may be anything but dots; those that are no UTF-8 are surrogates here."""
    labels = [label.encode(errors="surrogateescape") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def strings(value):
    """The strings of a TXT record: as they stand if it is a list, else cut where they must be."""
    if isinstance(value, list):
        return [part if isinstance(part, bytes) else part.encode() for part in value]
    octets = value if isinstance(value, bytes) else value.encode()
    return [octets[at:at + 255] for at in range(0, max(len(octets), 1), 255)]


def record_data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        return struct.pack("!H", value[0]) + wire_name(value[1])
    if kind == "TXT":
        return b"".join(bytes([len(part)]) + part for part in strings(value))
    if kind == "SOA":
        return wire_name("ns.test") + wire_name("host.test") + struct.pack("!5I", 1, 3600, 600, 86400, TTL)
    return wire_name(value)


class OverTcp(socketserver.StreamRequestHandler):
    """RFC 7766: two octets of length before each message."""

    def handle(self):
        size = self.rfile.read(2)
        while len(size) == 2:
            answer = self.server.answer(self.rfile.read(struct.unpack("!H", size)[0]))
            self.wfile.write(struct.pack("!H", len(answer)) + answer)
            size = self.rfile.read(2)


class NameServer:
    """Answers until close(). What it is told may change at any time, but whoever asked remembers for a minute."""

    def __init__(self, port=0):
        self.records = {}  # {(name, type): [value, ...]}
        self.broken = set()  # names of which it says that it cannot say
        self.asked = []  # (name, type)
        # The system chooses a port for one of the two; the other may find it taken.
        for attempt in range(20):
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind(("127.0.0.1", port))
            try:
                self.tcp = socketserver.ThreadingTCPServer(self.sock.getsockname(), OverTcp)
                break
            except OSError:
                self.sock.close()
                if attempt == 19:
                    raise
        self.tcp.daemon_threads, self.tcp.block_on_close = True, False
        self.tcp.answer = self._answer
        self.threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve, self._serve_tcp)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def address(self):
        """As dns.servers has it."""
        return "127.0.0.1@{}".format(self.sock.getsockname()[1])

    def add(self, name, kind, *values):
        self.records.setdefault((name, kind), []).extend(values)

    def close(self):
        # A datagram wakes who waits for one.
        self.sock.sendto(b"", self.sock.getsockname())
        self.tcp.shutdown()
        for thread in self.threads:
            thread.join()
        self.tcp.server_close()
        self.sock.close()

    def _serve(self):
        while True:
            query, client = self.sock.recvfrom(4096)
            if not query:
                return
            answer = self._answer(query)
            if len(answer) > LARGEST_DATAGRAM:
                flags = struct.unpack("!H", answer[2:4])[0] | TRUNCATED
                answer = query[:2] + struct.pack("!5H", flags, 1, 0, 0, 0) + self._question(query)[0]
            self.sock.sendto(answer, client)

    def _serve_tcp(self):
        self.tcp.serve_forever(poll_interval=0.05)

    @staticmethod
    def _question(query):
        """As it stands, its name and its type."""
        labels, place = [], 12
        while query[place]:
            labels.append(query[place + 1:place + 1 + query[place]].decode(errors="surrogateescape"))
            place += 1 + query[place]
        kind = NAMES.get(struct.unpack("!H", query[place + 1:place + 3])[0])
        return query[12:place + 5], ".".join(labels).lower(), kind

    def _answer(self, query):
        question, name, kind = self._question(query)
        self.asked.append((name, kind))
        code, answers, authority = self._look_up(name, kind)
        flags = 0x8580 | code  # an answer, authoritative, recursion wanted and available
        header = query[:2] + struct.pack("!5H", flags, 1, len(answers), len(authority), 0)
        return header + question + b"".join(answers + authority)

    def _look_up(self, name, kind):
        if name in self.broken or (name, kind) in self.broken:
            return SERVER_FAILURE, [], []
        answers, links = [], 0
        while (name, "CNAME") in self.records and kind != "CNAME" and links < 20:
            target = self.records[name, "CNAME"][0]
            answers.append(self._record(name, "CNAME", target))
            name, links = target.lower(), links + 1
        answers += [self._record(name, kind, value) for value in self.records.get((name, kind), ())]
        is_there = any(known == name or known.endswith("." + name) for known, _ in list(self.records))
        authority = [] if answers else [self._record("test", "SOA", None)]
        return (NO_ERROR if answers or is_there else NO_SUCH_NAME), answers, authority

    def _record(self, name, kind, value):
        data = record_data(kind, value)
        return wire_name(name) + struct.pack("!HHIH", TYPES[kind], 1, TTL, len(data)) + data
