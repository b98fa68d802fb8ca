"""6,046 real messages (see tools/fetch-corpus) go in and come out byte for byte, as files, as mbox and as Maildir."""
import hashlib
import os
import pathlib

from harness import Skipped, expect

MESSAGES = 6046


def corpus():
    folder = os.environ.get("HONGYAN_CORPUS")
    if not folder:
        raise Skipped("HONGYAN_CORPUS is not set; ./check sets it")
    return pathlib.Path(folder) / "messages"


def digest(raw):
    return hashlib.sha256(raw).hexdigest()


def digests(paths):
    return sorted(digest(path.read_bytes()) for path in paths)


def without_from_line(raw):
    """Most files of the corpus begin with the separator line of the mbox they were cut from."""
    return raw.split(b"\n", 1)[1] if raw.startswith(b"From ") else raw


def write_messages(place):
    folder = place.folder / "in"
    folder.mkdir()
    files = [path for path in sorted(corpus().rglob("*")) if path.is_file()]
    for number, path in enumerate(files):
        (folder / f"{number:05}.eml").write_bytes(without_from_line(path.read_bytes()))
    return folder


def test_the_corpus_comes_out_as_it_went_in(place):
    ann = place.make_account()
    given = write_messages(place)
    expect(len(list(given.iterdir())) == MESSAGES, "the corpus is complete")
    expect(f"imported {MESSAGES} messages".encode() in place.hongyan("message", "import", ann, given), "all go in")
    wanted = digests(given.iterdir())
    for form in ("eml", "maildir"):
        place.hongyan("message", "export", ann, form, "--mailbox", "INBOX", "--format", form)
        files = [path for path in (place.folder / form).rglob("*") if path.is_file()]
        expect(digests(files) == wanted, f"{form} has every message byte for byte")
    place.hongyan("message", "export", ann, "box", "--mailbox", "INBOX", "--format", "mbox")
    bob = "bob@example.test"
    place.hongyan("account", "add", bob, "--no-password")
    place.hongyan("message", "import", bob, "box/INBOX.mbox")
    place.hongyan("message", "export", bob, "again", "--mailbox", "INBOX", "--format", "eml")
    again = sorted(digest(path.read_bytes().rstrip(b"\n")) for path in (place.folder / "again").rglob("*.eml"))
    stripped = sorted(digest(path.read_bytes().rstrip(b"\n")) for path in given.iterdir())
    expect(again == stripped, "through an mbox too, but for a line end where a message had none")
    expect(b"1 accounts indexed" in place.hongyan("store", "reindex", ann), "the index is made of real mail")
    place.hongyan("store", "check")
    statistics, = place.listing("store", "stats")
    expect(statistics["messages"] >= 2 * MESSAGES, "both accounts hold all")
    expect(statistics["blob_bytes"] < statistics["bytes"] // 2, "content is compressed and shared")


def test_the_files_of_the_corpus_are_recognised_as_they_are(place):
    ann = place.make_account()
    expect(f"imported {MESSAGES} messages".encode() in place.hongyan("message", "import", ann, corpus()),
           "each file holds one message, whether it begins with a From_ line or not")
    rows = place.listing("message", "search", ann, "--subject", "linux")
    expect(len(rows) > 50 and all("linux" in row["subject"].lower() for row in rows), "subjects are searched")
