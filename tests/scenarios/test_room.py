"""The disk gets full: new mail is put off, nothing is lost, and all goes on when there is room again.

The store lies on a small disk of its own: a tmpfs in a mount namespace. Where no namespace can be made (or
HONGYAN_NO_MOUNT is set), a large file takes the room instead, and RLIMIT_FSIZE makes writes fail.
"""
import os
import random
import resource
import shutil
import subprocess

from bystander import ANN, PASSWORD
from harness import PATIENCE, expect
from wire import Maildrop, Mailbox, Sender

MB = 1 << 20
MESSAGE = 100_000  # bytes, which cannot be compressed


class SmallDisk:
    """data/store is a disk of 160 MB."""

    reserve = 64 * MB

    def __init__(self, place):
        folder = place.folder / "data" / "store"
        folder.mkdir(mode=0o700, parents=True)
        folder.parent.chmod(0o700)
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        mount = 'mount -t tmpfs -o size=160m,mode=700 none "$1" && echo mounted && exec cat'
        self.holder = subprocess.Popen(["unshare", "--mount", *as_root, "sh", "-c", mount, "sh", str(folder)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.is_there = self.holder.stdout.readline() == b"mounted\n"
        pid = str(self.holder.pid)
        user = ["--user", "--preserve-credentials"] if as_root else []
        place.before = ("nsenter", "--target", pid, *user, "--mount") if self.is_there else ()
        self.folder = f"/proc/{pid}/root{folder}"

    def leave(self):
        self.holder.communicate()

    def _take_all_but(self, rest):
        with open(f"{self.folder}/ballast", "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, shutil.disk_usage(self.folder).free - rest)

    def use_up_all_but_the_reserve(self, _server):
        self._take_all_but(self.reserve - MB)

    def use_up_everything(self, _server):
        self._take_all_but(4096)

    def make_room(self, _server):
        os.remove(f"{self.folder}/ballast")


class SharedDisk:
    """Where no disk can be had: nearly all that is free is reserved, and files may not grow."""

    def __init__(self, place):
        self.ballast = place.folder / "ballast"
        self.reserve = shutil.disk_usage(place.folder).free - 512 * MB
        place.before = ("env", "--ignore-signal=XFSZ")

    def leave(self):
        pass

    def use_up_all_but_the_reserve(self, _server):
        with open(self.ballast, "wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, 1024 * MB)

    def use_up_everything(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (64 << 10, resource.RLIM_INFINITY))

    def make_room(self, server):
        self.ballast.unlink(missing_ok=True)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def disk_of(place):
    small = SmallDisk(place) if "HONGYAN_NO_MOUNT" not in os.environ else None
    if small and small.is_there:
        return small
    if small:
        small.leave()
    return SharedDisk(place)


def settings(reserve):
    return {"store.reserve": reserve, "store.pack_size": MB, "login.plain_networks": ["127.0.0.0/8"]}


def house(place, reserve):
    server = place.serve(settings(reserve))
    place.make_account(ANN, PASSWORD)
    return server


def message(number):
    noise = random.Random(number).randbytes(MESSAGE // 2).hex()
    lines = "\r\n".join(noise[i:i + 76] for i in range(0, len(noise), 76))
    return f"Subject: {number}\r\n\r\n{lines}\r\n".encode()


def offer(client, number):
    """Sends a message by LMTP as far as the server lets. The answer that decided, 250 or 452."""
    for line in ("MAIL FROM:<li@example.org>", f"RCPT TO:<{ANN}>", "DATA"):
        client.send(line + "\r\n")
        answer = client.hears("")
        if answer[0] not in "23":
            client.says("RSET", "250 ")
            return answer
    client.send_octets(message(number) + b".\r\n")
    return client.hears("")


def texts(server):
    """What is in the INBOX, by IMAP."""
    with server.connect("imap") as client:
        return [got for (got,) in Mailbox(client, ANN, PASSWORD).fetch("BODY.PEEK[]")]


def expect_exactly(server, numbers):
    there = texts(server)
    expect(len(there) == len(numbers), f"{len(there)} are there, {len(numbers)} were acknowledged")
    for got, number in zip(there, numbers, strict=True):
        expect(got.endswith(message(number)), f"message {number} is not whole")


def test_less_room_than_the_reserve_puts_new_mail_off(place):
    disk = disk_of(place)
    try:
        play_with_reserve(place, disk)
    finally:
        place.end_servers()
        disk.leave()


def play_with_reserve(place, disk):
    server = house(place, disk.reserve)
    with server.connect("lmtp") as lmtp, server.connect("lmtp") as late, server.connect("imap") as imap:
        Sender(lmtp, "LHLO")
        for number in range(3):
            expect(offer(lmtp, number).startswith("250 "), "there is room")
        Sender(late, "LHLO")
        for line, code in (("MAIL FROM:<li@example.org>", "250"), (f"RCPT TO:<{ANN}>", "250"), ("DATA", "354")):
            late.says(line, code)

        disk.use_up_all_but_the_reserve(server)
        # What the system has said of a disk with plenty of room counts for a tenth of a second.
        still_taken = []
        refusal = "none"
        for number in range(100, 2100):
            refusal = offer(lmtp, number)
            if not refusal.startswith("250 "):
                break
            still_taken.append(number)
        expect(refusal.startswith("452 4.3.1 "), f"the sender is not told at MAIL: {refusal}")
        late.send_octets(message(91) + b".\r\n")
        late.hears("452 4.3.1 ")
        Mailbox(imap, ANN, PASSWORD)
        raw = message(92)
        imap.says(f"c APPEND INBOX {{{len(raw)}}}", "+ ")
        imap.send_octets(raw + b"\r\n")
        imap.hears("c NO [UNAVAILABLE]")
        # What is there can be read, copied, marked and removed.
        for command in ("d CREATE Kept", "e COPY 1:2 Kept", "f STORE 3 +FLAGS.SILENT (\\Deleted)", "g EXPUNGE"):
            imap.send(command + "\r\n")
            imap.hears_lines(command[0] + " OK")
        with server.connect("pop3") as pop3:
            got = list(Maildrop(pop3, ANN, PASSWORD).messages())
            expect(len(got) == 2 + len(still_taken) and got[1].endswith(message(1)), "what is there cannot be fetched")
            pop3.says("DELE 1", "+OK")
            pop3.says("QUIT", "+OK")

        disk.make_room(server)
        expect(offer(lmtp, 4).startswith("250 "), "there is room again")
        imap.says(f"h APPEND INBOX {{{len(raw)}}}", "+ ")
        imap.send_octets(raw + b"\r\n")
        imap.hears_lines("h OK")
    expect_exactly(server, [1, *still_taken, 4, 92])
    server.stop()
    expect(b"0 findings" in place.hongyan("store", "check"), "the store is sound")


def test_a_full_disk_loses_nothing(place):
    disk = disk_of(place)
    try:
        play_until_full(place, disk)
    finally:
        place.end_servers()
        disk.leave()


def play_until_full(place, disk):
    server = house(place, 0)
    kept = []
    with server.connect("lmtp") as lmtp:
        Sender(lmtp, "LHLO")
        for number in range(3):
            expect(offer(lmtp, number).startswith("250 "), "there is room")
            kept.append(number)
        for number in range(100, 103):
            disk.use_up_everything(server)
            put_off = fill(lmtp, number * 1000, kept)
            expect_exactly(server, kept)
            with server.connect("pop3") as pop3:
                expect(Maildrop(pop3, ANN, PASSWORD).count == len(kept), "POP3 sees something else")
                pop3.says("QUIT", "+OK")  # the next round finds the maildrop free
            disk.make_room(server)
            # Who was put off comes back.
            expect(offer(lmtp, put_off).startswith("250 "), "there is room again")
            kept.append(put_off)
    expect_exactly(server, kept)
    server.stop()
    expect(b"0 findings" in place.hongyan("store", "check"), "the store is sound")
    uids = [row["uid"] for row in place.listing("message", "list", ANN)]
    expect(uids == sorted(set(uids)), f"UIDs come twice: {uids}")
    expect_exactly(place.serve(settings(0)), kept)


def fill(lmtp, first, kept):
    """Offers messages until one is put off, and then some. The first that was put off."""
    for number in range(first, first + 100):
        answer = offer(lmtp, number)
        if answer.startswith("250 "):
            kept.append(number)
            continue
        expect(answer.startswith("452 4.3.1 "), f"a full disk is {answer!r}")
        for again in range(3):
            expect(offer(lmtp, number).startswith("452 4.3.1 "), f"attempt {again} is not put off")
        return number
    raise AssertionError("the disk does not get full")
