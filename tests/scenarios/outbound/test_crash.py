"""SIGKILL at random moments while mail goes out: what was acknowledged arrives, whatever happens, and nothing is stuck.
A message arrives twice only where the kill fell between the host's taking it and our writing that down.

HONGYAN_QUEUE_CRASH_MESSAGES says how many messages (300 if not said), HONGYAN_QUEUE_CRASH_ROUNDS how often it is killed
(5); HONGYAN_CRASH_SEED repeats a run.
"""
import collections
import os
import random
import re
import signal
import smtplib
import threading
import time

from harness import PATIENCE, expect
from outbound.house import ANN, House, letter

MESSAGES = int(os.environ.get("HONGYAN_QUEUE_CRASH_MESSAGES", "300"))
ROUNDS = int(os.environ.get("HONGYAN_QUEUE_CRASH_ROUNDS", "5"))
CLIENTS, DOMAINS = 4, 5
BODY = "A line of some text that compresses somewhat.\r\n" * 60
LONGEST_COMMIT = 2.0  # seconds; so long before a kill a host may have taken what we had not written down


class Senders:
    """Clients that submit so many messages, or until their connection breaks, and remember what was acknowledged."""

    def __init__(self, house, prefix, count):
        self.house, self.prefix = house, prefix
        self.count, self.acknowledged = count, []
        self.threads = [threading.Thread(target=self.send, args=(n, count // CLIENTS)) for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def send(self, number, count):
        try:
            with self.house.mail_program() as client:
                for n in range(count):
                    name = f"crash.{self.prefix}.{number}.{n}"
                    client.sendmail(ANN, [f"carol@far{n % DOMAINS}.test"], letter(name, BODY))
                    self.acknowledged.append(name)
        except (OSError, smtplib.SMTPException):
            pass  # the server was killed

    def wait_for(self, share):
        while len(self.acknowledged) < share * self.count and any(thread.is_alive() for thread in self.threads):
            time.sleep(0.01)

    def wait(self):
        for thread in self.threads:
            thread.join(10 * PATIENCE)
        return self.acknowledged


class Sink:
    """What a scripted host has taken: {name: [(round, time), ...]}."""

    def __init__(self):
        self.lock, self.copies = threading.Lock(), collections.defaultdict(list)
        self.round = 0

    def take(self, conversation):
        name = re.search(rb"\r\nSubject: (\S+)\r\n", conversation.text)[1].decode()
        with self.lock:
            self.copies[name].append((self.round, time.monotonic()))
        conversation.send(b"250 2.0.0 Taken\r\n")


def test_sigkill_loses_nothing_on_its_way_out(place):
    seed = int(os.environ.get("HONGYAN_CRASH_SEED", random.randrange(10**9)))
    moments = random.Random(seed)
    sink, acknowledged, killed = Sink(), [], []
    with House(place) as house:
        for number in range(DOMAINS):
            house.mail_host(f"far{number}.test", f"127.3.0.{number + 1}", {"message": sink.take})
        for sink.round in range(ROUNDS):
            house.start()
            senders = Senders(house, sink.round, MESSAGES // ROUNDS)
            senders.wait_for(moments.uniform(0, 1))
            time.sleep(moments.uniform(0, 0.1))  # the moment of the crash is what is tried
            house.server.kill(signal.SIGKILL)
            house.server.wait()
            killed.append(time.monotonic())
            acknowledged += senders.wait()
            for host in house.hosts.values():
                host.hear_out()  # what had come before the kill is of this round
            place.servers.clear()  # it did not end well, as was meant
        sink.round = ROUNDS
        house.start()
        acknowledged += Senders(house, ROUNDS, MESSAGES - len(acknowledged)).wait()
        wait_until_empty(place)
        house.server.kill(signal.SIGTERM)
        expect(house.server.wait() == 0, "the server ends well")
        expect(b"0 findings" in place.hongyan("store", "check"), "the store is sound")
    lost = set(acknowledged) - set(sink.copies)
    expect(not lost, f"seed {seed}: acknowledged and lost: {sorted(lost)[:5]} of {len(acknowledged)}")
    expect(len(acknowledged) > MESSAGES - CLIENTS, f"seed {seed}: {len(acknowledged)} were acknowledged")
    twice = {name: copies for name, copies in sink.copies.items() if len(copies) > 1}
    for name, copies in twice.items():
        for (number, when), (following, _) in zip(copies, copies[1:]):
            expect(following > number, f"seed {seed}: {name} comes twice without a kill between: {copies}")
            expect(killed[number] - when < LONGEST_COMMIT, f"seed {seed}: {name} was taken before the kill: {copies}")
    print(f"     {ROUNDS} kills, seed {seed}: {len(acknowledged)} acknowledged, {len(sink.copies)} arrived, "
          f"{len(twice)} of them twice")


def test_sigterm_ends_what_has_begun_and_nothing_comes_twice(place):
    sink = Sink()
    with House(place) as house:
        for number in range(DOMAINS):
            house.mail_host(f"far{number}.test", f"127.3.1.{number + 1}", {"message": sink.take})
        acknowledged = []
        for sink.round in range(3):
            house.start()
            senders = Senders(house, sink.round, 60)
            senders.wait_for(0.5)
            house.server.kill(signal.SIGTERM)
            expect(house.server.wait() == 0, "the server ends well")
            acknowledged += senders.wait()
        house.start()
        wait_until_empty(place)
    lost = set(acknowledged) - set(sink.copies)
    expect(acknowledged and not lost, f"acknowledged and lost: {sorted(lost)[:5]} of {len(acknowledged)}")
    twice = {name: copies for name, copies in sink.copies.items() if len(copies) > 1}
    expect(not twice, f"who is asked to end does not forget what is done: {twice}")


def wait_until_empty(place):
    """Every message of the queue is on its way or due within a second."""
    deadline = time.monotonic() + PATIENCE + MESSAGES / 100
    while left := place.listing("queue", "list"):
        expect(time.monotonic() < deadline, f"something is stuck: {left[:5]}")
        time.sleep(0.1)
