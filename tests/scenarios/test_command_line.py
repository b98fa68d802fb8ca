"""The command line alone, and beside a server that runs: accounts, mailboxes, messages, exit codes of sysexits.h."""
import signal

from harness import expect

USAGE, DATA, NO_USER, CANNOT_CREATE, TEMPORARY, NO_PERMISSION, CONFIG = 64, 65, 67, 73, 75, 77, 78

MESSAGE = b"From: Bob <bob@example.org>\r\nTo: ann@example.test\r\nSubject: Lunch\r\n\r\nToday at one?\r\n"


def test_accounts_live_from_add_to_remove(place):
    ann = place.make_account()
    place.hongyan("account", "add", ann, input=b"again\n", code=CANNOT_CREATE)
    place.hongyan("account", "add", "ann@elsewhere.test", input=b"x\n", code=NO_USER)
    place.hongyan("account", "disable", ann)
    expect(place.listing("account", "list")[0]["disabled"], "the account is disabled")
    place.hongyan("account", "disable", ann, "--undo")
    place.hongyan("account", "passwd", ann, input=b"another\n")
    place.hongyan("account", "quota", ann, "--quota-messages", 1)
    place.hongyan("message", "import", ann, "-", input=MESSAGE)
    place.hongyan("message", "import", ann, "-", input=MESSAGE + b"more", code=TEMPORARY)
    expect("may have no more" in place.errors, place.errors)
    place.hongyan("domain", "remove", "example.test", code=TEMPORARY)
    place.hongyan("account", "remove", ann)
    place.hongyan("mailbox", "list", ann, code=NO_USER)
    place.hongyan("domain", "remove", "example.test")
    place.hongyan("store", "check")


def test_many_accounts_come_from_a_file(place):
    place.hongyan("domain", "add", "example.test")
    lines = "# people\n\n" + "".join(f"user{i}@example.test:password {i}\n" for i in range(100))
    expect(b"added 100 of 100" in place.hongyan("account", "import", "-", input=lines.encode()), "all are added")
    place.hongyan("account", "import", "-", input=b"nobody@else.test:x\nnew@example.test:y\n", code=NO_USER)
    expect(len(place.listing("account", "list")) == 101, "the good line counts, the bad one does not")


def test_aliases_are_listed_and_removed(place):
    ann = place.make_account()
    place.hongyan("alias", "add", "info@example.test", ann, "bob@example.org")
    expect(place.listing("alias", "list") == [{"alias": "info@example.test", "targets": [ann, "bob@example.org"]}],
           "the alias has both targets")
    place.hongyan("alias", "remove", "info@example.test")
    expect(place.listing("alias", "list") == [], "the alias is gone")


def test_mailboxes_are_made_renamed_and_removed(place):
    ann = place.make_account()
    names = lambda: [row["name"] for row in place.listing("mailbox", "list", ann)]  # noqa: E731
    expect(set(names()) == {"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"}, "an account begins with six")
    place.hongyan("mailbox", "create", ann, "Projects/鸿雁")
    place.hongyan("mailbox", "rename", ann, "Projects", "Work")
    expect("Work/鸿雁" in names(), "children move along")
    place.hongyan("message", "import", ann, "-", "--mailbox", "Work/鸿雁", input=MESSAGE)
    place.hongyan("mailbox", "remove", ann, "Work/鸿雁", code=TEMPORARY)
    place.hongyan("mailbox", "remove", ann, "Work/鸿雁", "--force")
    place.hongyan("mailbox", "remove", ann, "INBOX", code=NO_PERMISSION)
    expect("Work/鸿雁" not in names(), "it is gone")


def test_messages_are_listed_shown_searched_and_removed(place):
    ann = place.make_account()
    place.hongyan("message", "import", ann, "-", "--flag", "Seen", "--flag", "$Invoice", input=MESSAGE)
    row, = place.listing("message", "list", ann)
    expect((row["uid"], row["subject"], row["flags"]) == (1, "Lunch", ["\\Seen", "$Invoice"]), str(row))
    expect(place.hongyan("message", "show", ann, 1, "--raw") == MESSAGE, "the bytes are those that came")
    expect(b"Today at one?" in place.hongyan("message", "show", ann, 1), "the text is shown")
    for words, hits in [(["today"], 1), (["tomorrow"], 0), (["--subject", "LUNCH"], 1), (["--from", "ann"], 0),
                        (["--flag", "$invoice"], 1), (["--without-flag", "Seen"], 0)]:
        expect(len(place.listing("message", "search", ann, *words)) == hits, f"{words} finds {hits}")
    place.hongyan("message", "remove", ann, 1)
    place.hongyan("message", "remove", ann, 1, code=NO_USER)
    expect(place.listing("message", "list", ann) == [], "the mailbox is empty")


def test_wrong_words_and_wrong_settings_have_their_exit_codes(place):
    place.hongyan("no-such-command", code=USAGE)
    place.hongyan("message", "import", code=USAGE)
    place.hongyan("message", "list", "nobody@example.test", code=NO_USER)
    place.hongyan("message", "show", place.make_account(), "x", code=DATA)
    (place.folder / "data" / "hongyan.toml").write_text('hostnam = "x"\n')
    place.hongyan("config", "check", code=CONFIG)
    expect('hostname' in place.errors and ":1:" in place.errors, f"the error names line and nearest name: {place.errors}")


def test_commands_reach_the_server_that_runs(place):
    server = place.serve()
    ann = place.make_account()
    (place.folder / "one.eml").write_bytes(MESSAGE)
    place.hongyan("message", "import", ann, "one.eml", "-", input=MESSAGE)
    expect(len(place.listing("message", "list", ann)) == 2, "relative paths and standard input both arrive")
    expect(place.hongyan("message", "show", ann, 1, "--raw") == MESSAGE, "bytes pass the socket unchanged")
    place.hongyan("message", "list", "nobody@example.test", code=NO_USER)
    expect("nobody@example.test" in place.errors, "errors come back too")
    server.kill(signal.SIGTERM)
    expect(server.wait() == 0, "the server ends well")
    expect(len(place.listing("message", "list", ann)) == 2, "what was done through the server is there after it")
    place.hongyan("store", "check")


def test_the_manual_and_the_help_are_complete(place):
    page = place.hongyan("manual").decode()
    for word in ("domain add", "message import", "store check", "EXIT STATUS"):
        expect(word in page, f"the manual has {word}")
    expect("limits.message_size" in place.hongyan("manual", "--settings").decode().replace("\\", ""), "settings too")
    expect(b"--line-ends" in place.hongyan("message", "export", "--help"), "help names every option")
    expect(place.hongyan("version").startswith(b"hongyan "), "the version is said")
