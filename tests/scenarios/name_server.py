"""A name server on loopback that knows what a scenario tells it: enough of RFC 1035 for a resolver that forwards."""
import ipaddress
import socket
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "MX": 15, "PTR": 12, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
TTL = 60  # seconds
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME = 0, 2, 3


def wire_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record_data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        return struct.pack("!H", value[0]) + wire_name(value[1])
    if kind == "TXT":
        octets = value if isinstance(value, bytes) else value.encode()
        return b"".join(bytes([len(part)]) + part
                        for part in (octets[at:at + 255] for at in range(0, max(len(octets), 1), 255)))
    if kind == "SOA":
        return wire_name("ns.test") + wire_name("host.test") + struct.pack("!5I", 1, 3600, 600, 86400, TTL)
    return wire_name(value)


class NameServer:
    """Answers until close(). What it is told may change at any time, but whoever asked remembers for a minute."""

    def __init__(self):
        self.records = {}  # {(name, type): [value, ...]}
        self.broken = set()  # names of which it says that it cannot say
        self.asked = []  # (name, type)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

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
        self.thread.join()
        self.sock.close()

    def _serve(self):
        while True:
            query, client = self.sock.recvfrom(4096)
            if not query:
                return
            self.sock.sendto(self._answer(query), client)

    def _answer(self, query):
        labels, place = [], 12
        while query[place]:
            labels.append(query[place + 1:place + 1 + query[place]].decode())
            place += 1 + query[place]
        question = query[12:place + 5]
        name, kind = ".".join(labels).lower(), NAMES.get(struct.unpack("!H", query[place + 1:place + 3])[0])
        self.asked.append((name, kind))
        code, answers, authority = self._look_up(name, kind)
        flags = 0x8580 | code  # an answer, authoritative, recursion wanted and available
        header = query[:2] + struct.pack("!5H", flags, 1, len(answers), len(authority), 0)
        return header + question + b"".join(answers + authority)

    def _look_up(self, name, kind):
        if name in self.broken:
            return SERVER_FAILURE, [], []
        answers = []
        while (name, "CNAME") in self.records and kind != "CNAME":
            target = self.records[name, "CNAME"][0]
            answers.append(self._record(name, "CNAME", target))
            name = target
        answers += [self._record(name, kind, value) for value in self.records.get((name, kind), ())]
        is_there = any(known == name or known.endswith("." + name) for known, _ in list(self.records))
        authority = [] if answers else [self._record("test", "SOA", None)]
        return (NO_ERROR if answers or is_there else NO_SUCH_NAME), answers, authority

    def _record(self, name, kind, value):
        data = record_data(kind, value)
        return wire_name(name) + struct.pack("!HHIH", TYPES[kind], 1, TTL, len(data)) + data
