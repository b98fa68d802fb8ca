"""An SMTP server that plays what a script says: mostly the misbehaviour of other people's servers.

A script is a dictionary: what is said at which stage of the conversation. What it leaves out is said as a decent server
says it. A text is sent as a reply; bytes as they are; a function is called with the conversation; of a list each
element has its turn in one connection, and the last stays.
"""
import socket
import ssl
import threading
import time

from harness import PATIENCE

EXTENSIONS = ["PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
DECENT = {
    "greeting": "220 peer.test ESMTP",
    "HELO": "250 peer.test",
    "STARTTLS": "220 2.0.0 Go ahead",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go ahead",
    "message": "250 2.0.0 Taken",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}


class Gone(Exception):
    """The conversation is over."""


def drop(conversation):
    """Closes without a word."""
    raise Gone


def take_and_drop(conversation):
    """At the stage "message": has taken it, and nobody hears of it."""
    conversation.take()
    raise Gone


def take_say_and_drop(conversation):
    """At the stage "message": takes it, says so, and closes at once."""
    conversation.take()
    conversation.send(b"250 2.0.0 Taken\r\n")
    raise Gone


def drip(text, seconds=0.01):
    """Says it octet by octet."""
    def say(conversation):
        for octet in (text + "\r\n").encode():
            conversation.send(bytes([octet]))
            time.sleep(seconds)  # slowness is what is played
        return text
    return say


def without_end(piece, most=1 << 20):
    """Says it again and again until nobody listens, and more often than anybody should."""
    def say(conversation):
        for _ in range(most // len(piece)):
            conversation.send(piece)
        raise Gone
    return say


def swallow(count):
    """At the stage "DATA": asks for the text, and is gone after some of it."""
    def say(conversation):
        conversation.send(b"354 Go ahead\r\n")
        while count > len(conversation.buffer):
            conversation.receive()
        raise Gone
    return say


def tls(context):
    """At the stage "STARTTLS"."""
    def say(conversation):
        conversation.send(b"220 2.0.0 Go ahead\r\n")
        context.sni_callback = lambda _, name, __: conversation.peer.called.append(name)
        conversation.sock = context.wrap_socket(conversation.sock, server_side=True)
        conversation.is_secure = True
    return say


def no_tls(conversation):
    """At the stage "STARTTLS": promises it, and then speaks something else."""
    conversation.send(b"220 2.0.0 Go ahead\r\n")
    conversation.receive()
    conversation.send(b"This is not what TLS looks like.\r\n" * 10)
    raise Gone


class Conversation:
    """One connection, from the greeting to its end."""

    def __init__(self, peer, sock, script):
        self.peer, self.sock, self.script = peer, sock, script
        self.buffer, self.turns = bytearray(), {}
        self.is_secure = False
        self.text = b""
        self._forget()

    def _forget(self):
        self.sender, self.recipients = None, []

    def play(self):
        self.answer("greeting")
        while True:
            line = self.line().decode()
            self.peer.heard.append(line)
            verb = line.partition(" ")[0].upper()
            if self.buffer and "PIPELINING" not in self.extensions():
                self.peer.complaints.append(f"more came than {line!r}, and nobody had offered to take it")
            self._obey(verb, line)

    def _obey(self, verb, line):
        code = self._hello() if verb == "EHLO" and verb not in self.script else self.answer(verb)
        good = code.startswith("2")
        if verb == "MAIL" and good:
            self.sender = line
        elif verb == "RCPT" and good:
            self.recipients.append(line)
        elif verb == "DATA" and code.startswith("354"):
            self._hear_text()
        elif verb in ("RSET", "EHLO", "HELO"):
            self._forget()
        elif verb == "QUIT":
            raise Gone

    def extensions(self):
        offered = self.script.get("extensions", EXTENSIONS)
        return offered + (["STARTTLS"] if "STARTTLS" in self.script and not self.is_secure else [])

    def _hello(self):
        lines = ["peer.test", *self.extensions()]
        self.send("".join(f"250-{line}\r\n" for line in lines[:-1]).encode() + f"250 {lines[-1]}\r\n".encode())
        return "250"

    def _hear_text(self):
        while b"\r\n.\r\n" not in b"\r\n" + self.buffer:
            self.receive()
        text, _, rest = (b"\r\n" + bytes(self.buffer)).partition(b"\r\n.\r\n")
        self.text = text[2:] + b"\r\n"
        self.buffer = bytearray(rest)
        self.answer("message")
        self._forget()

    def take(self):
        with self.peer.lock:
            self.peer.taken.append((self.sender, tuple(self.recipients), self.text))
            self.peer.secure.append(self.is_secure)

    def answer(self, stage):
        """Says what the script has for the stage; returns it if it is text."""
        says = self.script.get(stage) or self._decent(stage)
        if isinstance(says, list):
            turn = self.turns[stage] = self.turns.get(stage, -1) + 1
            says = says[min(turn, len(says) - 1)]
        if callable(says):
            return says(self) or ""
        if isinstance(says, str):
            says = says.encode() + b"\r\n"
        if stage == "message" and says.startswith(b"2"):
            self.take()  # true before anybody hears it
        self.send(says)
        if says.startswith(b"421"):
            raise Gone
        return says.decode(errors="replace")

    def _decent(self, stage):
        if stage == "DATA" and not self.recipients:
            return "503 5.5.1 For whom?"
        if stage == "message" and not self.recipients:
            return "554 5.5.1 For nobody"
        return DECENT.get(stage, "502 5.5.1 What?")

    def send(self, octets):
        self.sock.sendall(octets)

    def receive(self):
        more = self.sock.recv(1 << 16)
        if not more:
            raise Gone
        self.buffer += more

    def line(self):
        while b"\r\n" not in self.buffer:
            self.receive()
        line, _, rest = bytes(self.buffer).partition(b"\r\n")
        self.buffer = bytearray(rest)
        return line


class Peer:
    """Listens on an address of loopback until close(). The first connection is played the first script, and so on; the
    last one stays. What it has taken are (MAIL line, RCPT lines, text with its dots)."""

    def __init__(self, listener, *scripts):
        self.scripts = scripts or ({},)
        self.lock = threading.Lock()
        self.taken, self.secure = [], []
        self.called = []  # names in the handshakes (SNI)
        self.heard, self.complaints = [], []
        self.connections = 0
        self.listener = listener
        listener.listen(64)
        self.threads = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def hear_out(self):
        """Until all conversations are over, when nobody calls any more."""
        for thread in list(self.threads):
            thread.join()

    def _serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            script = self.scripts[min(self.connections, len(self.scripts) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._play, args=(sock, script), daemon=True)
            thread.start()
            self.threads.append(thread)

    def _play(self, sock, script):
        sock.settimeout(PATIENCE)
        conversation = Conversation(self, sock, script)
        try:
            conversation.play()
        except (Gone, OSError, ssl.SSLError):
            pass
        finally:
            conversation.sock.close()
