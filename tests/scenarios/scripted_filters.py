"""Filters that do what the sender or the text of a message says: a milter, Rspamd and ClamAV as far as they are needed."""
import http.server
import json
import socketserver
import struct
import threading


class Scripted(socketserver.ThreadingTCPServer):
    """Listens on loopback as long as this does."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"inet:127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Milter(socketserver.StreamRequestHandler):
    """Refuses senders whose local part is milter, and puts off those that are milter-later."""

    def handle(self):
        while len(head := self.rfile.read(4)) == 4:
            packet = self.rfile.read(struct.unpack("!I", head)[0])
            kind = packet[:1]
            if kind == b"O":  # version 6, nothing is changed, no step is left out
                self.say(b"O" + struct.pack("!III", 6, 0, 0))
            elif kind == b"M":
                self.say({b"<milter@": b"r", b"<milter-later@": b"t"}.get(packet[1:packet.index(b"@") + 1], b"c"))
            elif kind == b"Q":
                return
            elif kind not in b"DA":
                self.say(b"c")

    def say(self, packet):
        self.wfile.write(struct.pack("!I", len(packet)) + packet)


class Rspamd(http.server.BaseHTTPRequestHandler):
    """Does what a line of the message says."""

    def verdict(self, text):
        return {"action": action for action in ("reject", "soft reject") if f"Rspamd: {action}\r\n" in text}

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = {"action": "no action", "score": 0, "required_score": 15} | self.verdict(text)
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Clamd(socketserver.StreamRequestHandler):
    """Takes the word VIRUS for one."""

    def handle(self):
        self.rfile.read(len("zINSTREAM\0"))
        text = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            text += self.rfile.read(size)
        self.wfile.write(b"stream: Test.Virus FOUND\0" if b"VIRUS" in text else b"stream: OK\0")
