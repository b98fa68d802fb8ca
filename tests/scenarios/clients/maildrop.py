"""What the scenarios with programs that fetch mail share: a maildrop whose messages every mistake would change, and
what must be so after each visit to it."""
from harness import expect
from clients.household import BOB, letter, mails, serve

MAILS = [
    letter(),
    b"From: a@b.test\r\nSubject: dots\r\n\r\n.\r\n..\r\n.dot\r\n\r\nFrom here on\r\n>From there\r\nThe end.\r\n",
    "From: a@b.test\r\nSubject: raw: 鸿雁\r\nX-Folded: one\r\n\ttwo\r\n\r\n大雁飞过，菊花插满头。\r\n".encode(),
    b"From: a@b.test\r\nSubject: no body\r\n\r\n",
    b"From: a@b.test\r\nSubject: long\r\n\r\n" + b"x" * 998 + b"\r\n" + b".0123456789\r\n" * 20_000,
]
NEWS = [b"From: a@b.test\r\nSubject: news\r\n\r\nHello.\r\n"]


def serve_mail(place, **options):
    """A server at which Bob has the mails in INBOX."""
    server = serve(place, **options)
    deliver(place, MAILS)
    return server


def deliver(place, messages):
    for number, message in enumerate(messages):
        path = place.folder / f"{number}.eml"
        path.write_bytes(message)
    place.hongyan("message", "import", BOB, *(place.folder / f"{number}.eml" for number in range(len(messages))))


def make_maildir(home):
    for name in ("new", "cur", "tmp"):
        (home.folder / "Mail" / name).mkdir(parents=True)


def fetched(home):
    return [file.read_bytes() for name in ("new", "cur") for file in (home.folder / "Mail" / name).iterdir()]


def expect_fetched(home, messages):
    """The Maildir holds these, in any order (its names tell nothing of that), with the line ends of files."""
    got, wanted = sorted(fetched(home)), sorted(message.replace(b"\r\n", b"\n") for message in messages)
    expect(len(got) == len(wanted), f"{len(got)} messages were fetched, not {len(wanted)}")
    for one, other in zip(got, wanted):
        expect(one == other, f"{one[:400]} ({len(one)} bytes) was {other[:400]} ({len(other)} bytes)")


def expect_it_keeps_and_fetches_once(place, home, fetch):
    """`fetch` leaves mail where it is, and knows what it has seen."""
    fetch()
    expect_fetched(home, MAILS)
    fetch()
    expect_fetched(home, MAILS)
    deliver(place, NEWS)
    fetch()
    expect_fetched(home, MAILS + NEWS)
    expect(len(mails(place, BOB)) == len(MAILS + NEWS), "mail that was to be kept is gone")


def expect_it_fetches_and_removes(place, home, fetch):
    fetch()
    expect_fetched(home, MAILS)
    expect(mails(place, BOB) == [], "the maildrop is not empty")
    fetch()
    expect_fetched(home, MAILS)
