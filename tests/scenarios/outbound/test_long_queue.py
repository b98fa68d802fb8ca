"""However much waits: the server begins soon, counts what waits and lists it by pages, and holds little of it in memory.

HONGYAN_QUEUE_LENGTH=1000000 makes the queue as long as the longest we promise."""
import os
import re
import signal
import threading
import time

from harness import expect
from outbound.house import ANN, House, letter

LENGTH = int(os.environ.get("HONGYAN_QUEUE_LENGTH", "600"))
DOMAINS, HANDS = 20, 8
AT_ONCE = 25  # messages on their way before the answers are read
BARE = 0.1  # seconds for a command that looks at nothing; where it takes longer others use the machine, and all does


def seconds(work, times=3):
    """Of the quickest, since others use the machine too."""
    def once():
        start = time.monotonic()
        work()
        return time.monotonic() - start
    return min(once() for _ in range(times))


def megabytes(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


def commands_for(number):
    """A whole transaction that waits for no answer (RFC 2920, RFC 3030)."""
    text = letter(f"Letter {number}")
    return (f"MAIL FROM:<{ANN}>\r\nRCPT TO:<r{number}@d{number % DOMAINS}.broken.test>\r\n"
            f"BDAT {len(text)} LAST\r\n").encode() + text


def fill(house):
    def hand_in(first):
        with house.mail_program() as client:
            mine = range(first, LENGTH, HANDS)
            for start in range(0, len(mine), AT_ONCE):
                some = mine[start:start + AT_ONCE]
                client.send(b"".join(commands_for(number) for number in some))
                for _ in range(3 * len(some)):
                    code, words = client.getreply()
                    expect(code == 250, f"not taken: {code} {words}")

    hands = [threading.Thread(target=hand_in, args=(first,)) for first in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def test_a_long_queue_is_begun_counted_and_listed_soon(place):
    with House(place) as house:
        house.names.broken.update(f"d{number}.broken.test" for number in range(DOMAINS))
        settings = {"queue.retry": ["1d"], "outbound.destination_rests": "1d"}
        house.start(settings)
        fill(house)
        deadline = time.monotonic() + 60 + LENGTH / 100
        while (counts := place.listing("queue", "stats")[0])["asleep"] < LENGTH:
            expect(time.monotonic() < deadline, f"all are put off: {counts}")
            time.sleep(0.05 + LENGTH / 1e6)  # nothing else says when all are
        expect((counts["messages"], counts["ready"], counts["leased"]) == (LENGTH, 0, 0), f"nothing else is there: {counts}")
        house.server.kill(signal.SIGTERM)
        expect(house.server.wait() == 0, "the server ends well")
        start = time.monotonic()
        house.start(settings)
        begun = time.monotonic() - start
        bare = seconds(lambda: place.hongyan("queue", "pauses"))
        figures = {"begin": begun}
        for name, words in {"stats": ["stats"], "destinations": ["stats", "--destinations"],
                            "page": ["list", "--limit", "100"],
                            "domain": ["list", "--limit", "100", "--domain", "d7.broken.test"],
                            "sender": ["list", "--limit", "100", "--sender", ANN],
                            "recipient": ["list", "--recipient", f"r{LENGTH - 1}@d{(LENGTH - 1) % DOMAINS}.broken.test"],
                            }.items():
            figures[name] = seconds(lambda: place.hongyan("queue", *words)) - bare
        resident = megabytes(house.server)
        print(f"{LENGTH} wait: {figures}, {resident:.0f} MB")
        slowness = min(max(1, bare / BARE), 10)
        expect(begun <= 3 * slowness, f"it begins within 3 s: {figures}, {bare}")
        late = {name: took for name, took in figures.items() if name != "begin" and took > 0.2 * slowness}
        expect(not late, f"each is answered within 0.2 s: {late}, {bare}")
        expect(resident < 200, f"{resident} MB are resident")
        whole = place.listing("queue", "list")
        ids = [row["id"] for row in whole]
        expect(len(ids) == min(LENGTH, 10_000) and ids == sorted(set(ids)), f"all pages make one list: {len(ids)} rows")
        found = place.listing("queue", "list", "--domain", "D7.broken.test", "--limit", 10)
        more = place.listing("queue", "list", "--domain", "d7.broken.test", "--limit", 1, "--after", found[-1]["id"])
        ids = [row["id"] for row in found + more]
        expect(len(set(ids)) == 11 and ids == sorted(ids), f"in the order of arrival, each once: {ids}")
        elsewhere = [row for row in found + more if not row["recipients"][0].endswith("@d7.broken.test")]
        expect(not elsewhere, f"those of the domain only: {elsewhere}")
        counted = {row["destination"]: row["recipients"] for row in place.listing("queue", "stats", "--destinations")}
        expect(counted == {f"d{number}.broken.test": LENGTH // DOMAINS for number in range(DOMAINS)}, f"{counted}")
