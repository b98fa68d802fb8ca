"""Nobody relays through us: every trick that we know of, tried on the port that is open to the world."""
import base64

from harness import expect

ANN = "ann@example.test"
PASSWORD = "correct horse"
STRANGER = "192.0.2.1"
ELSEWHERE = "victim@elsewhere.test"

# What stands behind "RCPT TO:", and what each is.
RECIPIENTS = [
    ("<victim@elsewhere.test>", "plainly"),
    ("<victim%elsewhere.test@example.test>", "percent hack"),
    ("<victim%elsewhere.test@mail.example.test>", "percent hack at the host"),
    ("<victim%elsewhere.test>", "percent hack without a domain"),
    ("<victim%elsewhere.test@[127.0.0.1]>", "percent hack at an address literal"),
    ("<victim%elsewhere.test%example.test@example.test>", "percent hack, twice"),
    ("<\"victim@elsewhere.test\"@example.test>", "a whole address in quotes"),
    ("<\"victim@elsewhere.test\">", "in quotes, without a domain"),
    ("<\"victim%elsewhere.test\"@example.test>", "percent hack in quotes"),
    ("<victim\\@elsewhere.test@example.test>", "an escaped at sign"),
    ("<victim@elsewhere.test@example.test>", "two at signs"),
    ("<victim@elsewhere.test@[127.0.0.1]>", "two at signs, an address literal"),
    ("<@example.test:victim@elsewhere.test>", "source route"),
    ("<@mail.example.test:victim@elsewhere.test>", "source route by the host"),
    ("<@[127.0.0.1]:victim@elsewhere.test>", "source route by an address literal"),
    ("<@example.test,@mail.example.test:victim@elsewhere.test>", "source route of two"),
    ("<elsewhere.test!victim>", "bang path"),
    ("<elsewhere.test!victim@example.test>", "bang path at our domain"),
    ("<elsewhere.test!victim@mail.example.test>", "bang path at the host"),
    ("<example.test!elsewhere.test!victim@example.test>", "bang path of two"),
    ("<\"elsewhere.test!victim\"@example.test>", "bang path in quotes"),
    ("<victim@elsewhere.test.>", "trailing dot"),
    ("<victim%elsewhere.test@example.test.>", "percent hack, trailing dot"),
    ("<away@example.test..>", "two trailing dots behind an alias"),
    ("<victim@[192.0.2.99]>", "address literal"),
    ("<victim@[IPv6:2001:db8::1]>", "address literal, IPv6"),
    ("<victim@[elsewhere.test]>", "a name where an address stands"),
    ("<victim@3221226083>", "address as a number"),
    ("<victim@ELSEWHERE.TEST>", "capitals"),
    ("<victim@example.test.elsewhere.test>", "our name within another"),
    ("<victim@notexample.test>", "our name at the end of another"),
    ("<victim@\uff45xample.test.elsewhere.test>", "full-width letters"),
    ("<victim\uff20elsewhere.test@example.test>", "full-width at sign"),
    ("<victim%elsewhere.test\u3002@example.test>", "ideographic full stop"),
    ("<victim@elsewhere\u3002test>", "ideographic full stop in the domain"),
    ("<victim@elsewhere.test\u200b>", "a space without width"),
    ("<victim@example.test\0.elsewhere.test>", "NUL in the domain"),
    ("<ann@example.test>,<victim@elsewhere.test>", "a list"),
    ("<ann@example.test> <victim@elsewhere.test>", "two paths"),
    ("victim@elsewhere.test", "without brackets"),
    ("<victim@elsewhere.test> NOTIFY=NEVER", "with a parameter"),
    ("<victim@elsewhere.test> ORCPT=rfc822;ann@example.test", "our address as the original recipient"),
    ("<nobody@example.test> ORCPT=rfc822;victim@elsewhere.test", "theirs as the original recipient"),
    ("<victim@elsewhere.test> RELAY=YES", "an unknown parameter"),
    ("<ann@example.test\nRCPT TO:<victim@elsewhere.test>", "a bare LF and one more command"),
    ("<ann@example.test>\rRCPT TO:<victim@elsewhere.test>", "a bare CR and one more command"),
    ("<>", "nobody"),
    ("", "nothing"),
]

# What stands behind "MAIL FROM:" while the recipient is elsewhere, and what each is.
SENDERS = [
    ("<eve@far.test>", "a stranger"),
    ("<ann@example.test>", "one of our accounts"),
    ("<nobody@example.test>", "our domain"),
    ("<postmaster@mail.example.test>", "our host"),
    ("<root@[127.0.0.1]>", "this machine"),
    ("<>", "a notification"),
    ("<eve>", "no domain"),
    ("<ann@example.test> AUTH=ann@example.test", "vouched for by himself (RFC 4954 §5)"),
    ("<ann@example.test> AUTH=<>", "vouched for by nobody"),
]

GREETINGS = ["HELO localhost", "HELO [127.0.0.1]", "EHLO mail.example.test", "EHLO example.test", "HELO 127.0.0.1"]


def house(place):
    place.make_account(ANN, PASSWORD)
    place.hongyan("alias", "add", "away@example.test", "friend@far.test")
    return place.serve({"proxy.networks": ["127.0.0.1"], "smtp.verify": True, "smtp.errors": 1000, "ban.exempt_networks": [STRANGER],
                        "dns.servers": ["127.0.0.1@1"]})


def come(server, greeting="EHLO far.test", service="smtp", address=STRANGER):
    client = server.connect(service)
    client.send(f"PROXY TCP4 {address} 127.0.0.1 4000 25\r\n")
    client.hears("220 ")
    client.send(greeting + "\r\n")
    client.hears_lines("250 ")
    return client


def is_refused(client, command, what):
    client.send(command + "\r\n")
    line = client.hears("")
    expect(line[0] in "45", f"{what}: {command!r} is answered {line!r}")
    # What was smuggled into one line may have had an answer of its own.
    client.send("NOOP\r\n")
    while not (line := client.hears("")).startswith("250 2.0.0"):
        expect(line[0] in "45", f"{what}: {command!r} is also answered {line!r}")


def test_no_recipient_elsewhere_is_taken_however_it_is_written(place):
    server = house(place)
    with come(server) as client:
        for path, what in RECIPIENTS:
            for parameters in ("", " SMTPUTF8"):
                client.says(f"MAIL FROM:<eve@far.test>{parameters}", "250 ")
                is_refused(client, f"RCPT TO:{path}", what)
                client.says("DATA", "5")
                client.says("RSET", "250 ")
    expect(len(RECIPIENTS) + len(SENDERS) >= 40, "these are not so many")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_no_sender_makes_it_right(place):
    server = house(place)
    for greeting in GREETINGS:
        with come(server, greeting) as client:
            for path, what in SENDERS:
                if greeting.startswith("HELO") and " " in path:
                    continue
                client.send(f"MAIL FROM:{path}\r\n")
                if client.hears("")[0] == "2":
                    is_refused(client, f"RCPT TO:<{ELSEWHERE}>", what)
                client.says("RSET", "250 ")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_nobody_says_for_himself_where_he_comes_from(place):
    server = house(place)
    with come(server) as client:
        for command in (f"XCLIENT ADDR=127.0.0.1 LOGIN={ANN}", f"XFORWARD ADDR=127.0.0.1", "PROXY TCP4 127.0.0.1 127.0.0.1 1 25",
                        "PROXY UNKNOWN", "XAUTH", "TURN", "ATRN elsewhere.test", "ETRN elsewhere.test", "ETRN #queue",
                        "SEND FROM:<eve@far.test>", "SAML FROM:<eve@far.test>", "SOML FROM:<eve@far.test>"):
            is_refused(client, command, "a claim")
        client.says("MAIL FROM:<eve@far.test>", "250 ")
        is_refused(client, f"RCPT TO:<{ELSEWHERE}>", "after all of them")
        # Who asks whether it would be taken hears nothing else.
        is_refused(client, f"EXPN {ELSEWHERE}", "EXPN")
        client.says("VRFY <away@example.test>", "25")
        client.says(f"VRFY {ELSEWHERE}", "5")
    # A second PROXY line, and a binary one, after the one that is believed.
    for more in (b"PROXY TCP4 127.0.0.1 127.0.0.1 1 25\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + b"\x7f\0\0\1" * 2 + b"\0\1\0\x19"):
        client = server.connect("smtp")
        client.send_octets(f"PROXY TCP4 {STRANGER} 127.0.0.1 4000 25\r\n".encode() + more)
        client.send(f"HELO far.test\r\nMAIL FROM:<eve@far.test>\r\nRCPT TO:<{ELSEWHERE}>\r\nQUIT\r\n")
        lines = []
        while (line := client.line()) is not None:
            lines.append(line)
        expect(sum(line.startswith("250") for line in lines) <= 2, f"answered {lines}")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_without_a_log_in_nothing_is_submitted(place):
    server = house(place)
    for service in ("submission", "smtp"):
        with come(server, service=service) as client:
            for login in ("", "ann@example.test\0ann@example.test\0wrong", "\0ann@example.test\0", "\0\0"):
                client.send("AUTH PLAIN " + (base64.b64encode(login.encode()).decode() or "=") + "\r\n")
                expect(client.hears("")[0] == "5", f"{service}: {login!r} is a log-in")
                client.send("MAIL FROM:<ann@example.test>\r\n")
                if client.hears("")[0] == "2":
                    is_refused(client, f"RCPT TO:<{ELSEWHERE}>", service)
                    client.says("RSET", "250 ")
                if service == "submission":
                    break
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_nothing_is_smuggled_behind_a_message(place):
    server = house(place)
    inner = f"MAIL FROM:<ann@example.test>\r\nRCPT TO:<{ELSEWHERE}>\r\nDATA\r\nSubject: smuggled\r\n\r\nHello.\r\n.\r\n"
    for end in ("\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n", "\n.\r"):
        with come(server) as client:
            client.says("MAIL FROM:<eve@far.test>", "250 ")
            client.says(f"RCPT TO:<{ANN}>", "250 ")
            client.says("DATA", "354 ")
            client.send(f"Subject: outer\r\n\r\nHello{end}{inner}")
            expect(client.hears("")[0] in "25", "the message has no answer")
            client.says("NOOP", "250 2.0.0")
    with come(server) as client:
        client.says("MAIL FROM:<eve@far.test>", "250 ")
        client.says(f"RCPT TO:<{ANN}>", "250 ")
        outer = "Subject: outer\r\n\r\nHello.\r\n.\r\n" + inner
        client.send(f"BDAT {len(outer)} LAST\r\n{outer}")
        client.hears("250 ")
        client.says("NOOP", "250 2.0.0")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_starttls_forgets_what_was_said_in_plain_text(place):
    server = house(place)
    with come(server) as client:
        client.send(f"STARTTLS\r\nMAIL FROM:<ann@example.test>\r\nRCPT TO:<{ELSEWHERE}>\r\n")
        client.hears("220 ")
        client.start_tls(server.trust())
        client.says("RCPT TO:<ann@example.test>", "503 ")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


def test_an_alias_leads_on_only_where_its_owner_says(place):
    server = house(place)
    with come(server) as client:
        client.says("MAIL FROM:<eve@far.test>", "250 ")
        for path in ("away%elsewhere.test@example.test", "away!victim@example.test",
                     "\"away@example.test\"@elsewhere.test"):
            is_refused(client, f"RCPT TO:<{path}>", "around the alias")
        client.says("RCPT TO:<away@example.test>", "250 ")
    expect(place.listing("queue", "list") == [], "something waits to be sent")
