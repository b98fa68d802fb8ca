"""Who guesses, who asks for everybody, who has too many sessions: shut out in plain words, told of, and let in again."""
import base64
import collections
import contextlib
import threading

from harness import PATIENCE, expect
from name_server import NameServer

ANN, BOB = "ann@example.test", "bob@example.test"
PASSWORD = "correct horse"
STRANGER, NEIGHBOUR, OWNER = "192.0.2.1", "192.0.2.77", "198.51.100.7"
BEHIND_PROXY = {"proxy.networks": ["127.0.0.1"], "login.plain_networks": ["192.0.2.0/24", "198.51.100.0/24"],
                "ban.exempt_networks": [], "verify.enabled": False}


def house(place, settings=None):
    place.make_account(ANN, PASSWORD)
    place.hongyan("account", "add", BOB, input=PASSWORD.encode())
    return place.serve(BEHIND_PROXY | (settings or {}))


def come_from(server, service, address):
    client = server.connect(service)
    client.send(f"PROXY TCP4 {address} 127.0.0.1 4000 25\r\n")
    return client


def imap(server, address, name, password, answer):
    with come_from(server, "imap", address) as client:
        client.hears("* OK")
        client.send(f'a LOGIN {name} "{password}"\r\n')
        return client.hears_lines("a ")[-1].startswith(f"a {answer}")


def pop3(server, address, name, password, answer):
    with come_from(server, "pop3", address) as client:
        client.hears("+OK")
        client.says(f"USER {name}", "+OK")
        return client.says(f"PASS {password}", "").startswith(answer)


def smtp(server, address, name, password, answer):
    with come_from(server, "submission", address) as client:
        client.hears("220 ")
        client.send("EHLO client.test\r\n")
        client.hears_lines("250 ")
        plain = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        return client.says(f"AUTH PLAIN {plain}", "").startswith(answer)


def log_ins(place, account, count):
    """What is told of them, when so many are; it is written down behind the client's back."""
    return place.listing_when(lambda rows: sum(row["times"] for row in rows) >= count, "account", "log", account)


def test_guessing_over_three_protocols_locks_out_the_guesser_and_not_the_owner(place):
    server = house(place, {"login.failures": 3, "ban.failures": 5})
    expect(imap(server, STRANGER, ANN, "guess 1", "NO [AUTHENTICATIONFAILED]"), "the first guess")
    expect(imap(server, STRANGER, ANN, "guess 1", "NO [AUTHENTICATIONFAILED]"), "the same again counts once")
    expect(pop3(server, STRANGER, ANN, "guess 2", "-ERR [AUTH]"), "the second")
    expect(smtp(server, STRANGER, "ANN@example.test", "guess 3", "535 5.7.8"), "the third")
    expect(imap(server, STRANGER, ANN, PASSWORD, "NO [UNAVAILABLE]"), "ann cannot log in from there")
    expect(pop3(server, OWNER, ANN, PASSWORD, "+OK"), "she can from elsewhere")
    locked, = place.listing("ban", "list")
    expect((locked["who"], locked["from"], locked["by"]) == (ANN, STRANGER, "server"), f"{locked}")
    place.hongyan("ban", "lift", ANN, "--from", STRANGER)
    expect(smtp(server, STRANGER, ANN, PASSWORD, "235"), "lifted")

    outcomes = {(row["protocol"], row["address"], row["how"], row["outcome"]): row["times"]
                for row in log_ins(place, ANN, 7)}
    expect(outcomes == {("imap", STRANGER, "LOGIN", "wrong name or password"): 2,
                        ("pop3", STRANGER, "PASS", "wrong name or password"): 1,
                        ("smtp", STRANGER, "PLAIN", "wrong name or password"): 1,
                        ("imap", STRANGER, "LOGIN", "not taken for now"): 1,
                        ("pop3", OWNER, "PASS", "ok"): 1, ("smtp", STRANGER, "PLAIN", "ok"): 1}, f"{outcomes}")


def test_who_guesses_everybodys_password_is_not_served_until_it_is_lifted(place):
    server = house(place, {"ban.failures": 3})
    for name in ("x@example.test", "y@example.test", "z@example.test"):
        expect(pop3(server, STRANGER, name, "guess", "-ERR [AUTH]"), "wrong")
    for service, words in {"smtp": "421 4.7.0 ", "imap": "* BYE ", "pop3": "-ERR [SYS/TEMP] "}.items():
        with come_from(server, service, STRANGER) as client:
            expect("Too many log-ins have failed" in client.hears(words), "the reason is not said")
            client.hears_end()
    expect(imap(server, NEIGHBOUR, ANN, PASSWORD, "OK"), "his neighbours are served")
    expect(server.stop(), "the server does not end well")
    server = place.serve(server.settings)
    with come_from(server, "smtp", STRANGER) as client:
        client.hears("421 4.7.0 ")
    ban, = place.listing("ban", "list")
    expect((ban["who"], ban["times"]) == (STRANGER, 1), f"{ban}")
    place.hongyan("ban", "lift", STRANGER)
    expect(imap(server, STRANGER, ANN, PASSWORD, "OK"), "served again")
    place.hongyan("ban", "lift", STRANGER, code=67)


def imap_at_once(server, address, passwords):
    """All say their passwords before the first hears what came of it."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(come_from(server, "imap", address)) for _ in passwords]
        for client in clients:
            client.hears("* OK")
        for client, password in zip(clients, passwords):
            client.send(f'a LOGIN {ANN} "{password}"\r\n')
        return collections.Counter(client.hears_lines("a ")[-1].split(" ")[1:3][-1] for client in clients)


def test_guesses_at_once_are_no_more_than_one_by_one_and_owners_wait_for_each_other(place):
    server = house(place, {"login.failures": 3})
    heard = imap_at_once(server, STRANGER, [f"guess {number}" for number in range(12)])
    expect(heard == {"[AUTHENTICATIONFAILED]": 3, "[UNAVAILABLE]": 9}, f"three are looked at: {heard}")
    heard = imap_at_once(server, OWNER, [PASSWORD] * 12)
    expect(list(heard.values()) == [12] and "[UNAVAILABLE]" not in heard, f"all of them are let in: {heard}")
    rows = {row["outcome"]: row["times"] for row in log_ins(place, ANN, 24)}
    expect(rows == {"wrong name or password": 3, "not taken for now": 9, "ok": 12}, f"and told of: {rows}")


def test_people_shut_out_networks(place):
    server = house(place)
    place.hongyan("ban", "add", "192.0.2.0/24", "--for", "1h", "--reason", "Enough of it")
    with come_from(server, "smtp", NEIGHBOUR) as client:
        expect("Enough of it" in client.hears("421 4.7.0 "), "the reason is not said")
    with come_from(server, "smtp", OWNER) as client:
        client.hears("220 ")
    place.hongyan("ban", "add", "10.0.0.0/4", code=65)
    for length in ("0s", "100000000000d"):
        place.hongyan("ban", "add", "192.0.2.0/24", "--for", length, code=65)
    place.hongyan("ban", "lift", "192.0.2.0/24")
    with come_from(server, "smtp", NEIGHBOUR) as client:
        client.hears("220 ")


def test_who_asks_for_mailboxes_that_are_not_there_is_shut_out(place):
    server = house(place, {"ban.unknown_recipients": 4})
    with come_from(server, "smtp", STRANGER) as client:
        client.hears("220 ")
        client.says("HELO far.test", "250")
        client.says("MAIL FROM:<eve@far.test>", "250")
        for name in ("x", "y", "z"):
            client.says(f"RCPT TO:<{name}@example.test>", "550 5.1.1")
            client.says("RCPT TO:<postmaster>", "250")  # it is everywhere, and so tells nothing of the client
        client.says("RCPT TO:<w@example.test>", "421 4.7.0")
        client.hears_end()
    with come_from(server, "imap", STRANGER) as client:
        client.hears("* BYE ")
    rows = place.listing_when(len, "trace", "w@example.test")
    expect(rows and "(banned)" in rows[0]["reply"], f"the trace tells of it: {rows}")


def test_who_asks_by_vrfy_for_mailboxes_that_are_not_there_is_shut_out(place):
    server = house(place, {"ban.unknown_recipients": 4, "smtp.verify": True})
    with come_from(server, "smtp", STRANGER) as client:
        client.hears("220 ")
        client.says("HELO far.test", "250")
        for name in ("x", "y", "z"):
            client.says(f"VRFY {name}@example.test", "550 5.1.1")
            client.says("VRFY ann@example.test", "250")
        client.says("VRFY w@example.test", "421 4.7.0")
        client.hears_end()
    with come_from(server, "imap", STRANGER) as client:
        client.hears("* BYE ")


def test_app_passwords_open_what_they_are_for(place):
    server = house(place)
    phone = place.hongyan("account", "app-password", "add", ANN, "Phone", "--protocol", "imap", "--protocol",
                          "smtp", "--for", "90d").decode().strip()
    expect(imap(server, STRANGER, ANN, phone, "OK"), "IMAP")
    expect(smtp(server, STRANGER, ANN, phone.replace("-", "").upper(), "235"), "SMTP, written otherwise")
    expect(pop3(server, STRANGER, ANN, phone, "-ERR [AUTH]"), "POP3 is not its business")
    expect(imap(server, STRANGER, BOB, phone, "NO"), "nor is Bob")
    row, = place.listing("account", "app-password", "list", ANN)
    expect(row["name"] == "Phone" and row["protocols"] == "imap smtp" and row["last_used"], f"{row}")
    hows = {row["how"] for row in log_ins(place, ANN, 3) if row["outcome"] == "ok"}
    expect(hows == {"app password Phone"}, f"the history names it: {hows}")
    place.hongyan("account", "app-password", "remove", ANN, "Phone")
    expect(imap(server, STRANGER, ANN, phone, "NO"), "taken away")
    expect(imap(server, STRANGER, ANN, PASSWORD, "OK"), "and the account's own password stays")


def test_guessed_from_everywhere_an_account_keeps_its_places_and_app_passwords(place):
    server = house(place, {"login.failures_from_everywhere": 4})
    phone = place.hongyan("account", "app-password", "add", ANN, "Phone").decode().strip()
    expect(imap(server, OWNER, ANN, PASSWORD, "OK"), "her usual place")
    expect(log_ins(place, ANN, 1), "it is written down right after the place is")
    for number in range(4):
        expect(pop3(server, f"192.0.2.{10 + number}", ANN, f"guess {number}", "-ERR"), "wrong")
    expect(imap(server, STRANGER, ANN, PASSWORD, "NO [UNAVAILABLE]"), "a new place")
    expect(imap(server, STRANGER, ANN, phone, "OK"), "with an app password")
    expect(imap(server, OWNER, ANN, PASSWORD, "OK"), "her usual place")
    expect(imap(server, STRANGER, BOB, PASSWORD, "OK"), "others")


def test_an_account_has_so_many_sessions_of_a_protocol(place):
    server = house(place, {"limits.imap_per_account": 1, "limits.smtp_per_account": 1})
    with come_from(server, "imap", STRANGER) as first:
        first.hears("* OK")
        first.says(f'a LOGIN {ANN} "{PASSWORD}"', "a OK")
        expect(imap(server, STRANGER, ANN, PASSWORD, "NO [LIMIT]"), "a second one")
        expect(imap(server, STRANGER, BOB, PASSWORD, "OK"), "somebody else's")
        server.wait_for_log(" disconnected", 2)  # so that Bob's place is free
        # RFC 8437 §3: whoever comes after ann on her connection, be it ann, finds her place free.
        first.says("b UNAUTHENTICATE", "b OK")
        first.says(f'c LOGIN {ANN} "{PASSWORD}"', "c OK")
        first.says("d UNAUTHENTICATE", "d OK")
        first.says(f'e LOGIN {BOB} "{PASSWORD}"', "e OK")
        expect(imap(server, STRANGER, ANN, PASSWORD, "OK"), "where ann is no longer")
        first.says("f LOGOUT", "* BYE")
        first.hears("f OK")
        first.hears_end()
    server.wait_for_log(" disconnected", 4)
    expect(imap(server, STRANGER, ANN, PASSWORD, "OK"), "once the first has ended")


def test_loopback_is_never_shut_out_by_itself(place):
    place.make_account(ANN, PASSWORD)
    server = place.serve({"login.plain_networks": ["127.0.0.0/8"], "ban.failures": 2, "login.failures": 2,
                          "login.attempts": 10})
    with server.connect("imap") as client:
        client.hears("* OK")
        for number in range(5):
            client.says(f'a LOGIN {ANN} "guess {number}"', "a NO [AUTHENTICATIONFAILED]")
        client.says(f'a LOGIN {ANN} "{PASSWORD}"', "a OK")
    expect(place.listing("ban", "list") == [], "there is a ban")


def deliver(client, sender, recipient, code, text="Hello."):
    """One message by DATA; `code` is what the first refusal begins with, or else the end of it."""
    for command, good in ((f"MAIL FROM:<{sender}>", "250"), (f"RCPT TO:<{recipient}>", "250"), ("DATA", "354")):
        client.send(command + "\r\n")
        line = client.hears("")
        if not line.startswith(good):
            expect(line.startswith(code), f"{command} is answered {line!r}, not {code}")
            client.says("RSET", "250")
            return line
    return client.says(f"From: <{sender}>\r\nSubject: test\r\n\r\n{text}\r\n.", code)


def greet(server, address, hello="EHLO far.test"):
    client = come_from(server, "smtp", address)
    client.hears("220 ")
    client.send(hello + "\r\n")
    client.hears_lines("250 ")
    return client


def listed(names, zone, address, words, code="127.0.0.2"):
    name = ".".join(reversed(address.split("."))) + "." + zone
    names.add(name, "A", code)
    names.add(name, "TXT", words)


def test_lists_in_dns_refuse_add_to_the_score_and_vouch(place):
    with NameServer() as names:
        for zone in ("bl.test", "soft.test", "wl.test"):
            names.add(f"2.0.0.127.{zone}", "A", "127.0.0.2")
        names.add("test.links.test", "A", "127.0.0.2")
        listed(names, "bl.test", "192.0.2.1", "Sent junk, see https://bl.test/1")
        listed(names, "bl.test", "192.0.2.2", "Sent junk")
        listed(names, "wl.test", "192.0.2.2", "Good people")
        listed(names, "soft.test", "192.0.2.3", "A dynamic address", "127.0.0.10")
        listed(names, "soft.test", "192.0.2.4", "Another code", "127.0.0.99")
        listed(names, "wild.test", "192.0.2.5", "Everybody")  # without test entries
        names.add("bad.test.links.test", "A", "127.0.0.2")
        server = house(place, {"dns.servers": [names.address], "dns.trust_anchor": "", "spam.junk_score": 6, "spam.reject_score": 15,
                               "spam.lists":
                               ["bl.test refuse", "soft.test weight=7 codes=127.0.0.10-127.0.0.11", "wl.test weight=-2",
                                "wild.test refuse"], "spam.link_lists": ["links.test weight=20"]})
        with greet(server, "192.0.2.1") as client:
            line = deliver(client, "eve@far.test", ANN, "550 5.7.1")
            expect("Sent junk, see https://bl.test/1" in line and line.endswith("(dnsbl)"), line)
        with greet(server, "192.0.2.2") as client:
            deliver(client, "good@far.test", ANN, "250")
        with greet(server, "192.0.2.3") as client:
            deliver(client, "dyn@far.test", ANN, "250")
        for address in ("192.0.2.4", "192.0.2.5"):
            with greet(server, address) as client:
                deliver(client, "who@far.test", ANN, "250")
        with greet(server, "192.0.2.6") as client:
            line = deliver(client, "link@far.test", ANN, "550 5.7.1", "Look: https://www.bad.test/cheap")
            expect("link-list" in line, line)
        boxes = {row["name"]: row["messages"] for row in place.listing("mailbox", "list", ANN)}
        expect(boxes["INBOX"] == 3 and boxes["Junk"] == 1, f"{boxes}")
        refused = place.listing_when(len, "trace", "eve@far.test")
        expect(any("(dnsbl)" in row["reply"] for row in refused), f"the trace tells of it: {refused}")


def test_a_client_that_is_new_comes_back_and_passes(place):
    server = house(place, {"spam.greylisting": True, "spam.greylisting_delay": "1s",
                           "spam.exempt_networks": ["203.0.113.0/24"]})
    with greet(server, "203.0.113.9") as client:
        deliver(client, "exempt@far.test", ANN, "250")
    with greet(server, STRANGER) as client:
        line = deliver(client, "new@far.test", ANN, "451 4.7.1")
        expect("(greylisting)" in line, line)
        for _ in range(PATIENCE * 10):
            client.says("MAIL FROM:<new@far.test>", "250")
            client.send(f"RCPT TO:<{ANN}>\r\n")
            passed = client.hears("").startswith("250")
            client.says("RSET", "250")
            if passed:
                break
            threading.Event().wait(0.1)
        deliver(client, "new@far.test", ANN, "250")
        deliver(client, "other@far.test", ANN, "250")
    with greet(server, NEIGHBOUR) as client:
        deliver(client, "third@far.test", BOB, "250")
    with greet(server, OWNER) as client:
        deliver(client, "new@far.test", ANN, "451 4.7.1")

    def is_told(rows):
        return any(row["reply"].startswith("451 4.7.1") for row in rows)
    expect(is_told(place.listing_when(is_told, "trace", "new@far.test")), "the trace")


def test_an_account_sends_so_much_and_to_so_many_strangers(place):
    server = house(place, {"sending.messages_per_hour": 4, "sending.strangers_per_day": 2})
    plain = base64.b64encode(f"\0{ANN}\0{PASSWORD}".encode()).decode()
    with come_from(server, "submission", OWNER) as client:
        client.hears("220 ")
        client.send("EHLO client.test\r\n")
        client.hears_lines("250 ")
        client.says(f"AUTH PLAIN {plain}", "235")
        deliver(client, ANN, "x@far.test", "250")
        deliver(client, ANN, "y@far.test", "250")
        line = deliver(client, ANN, "z@far.test", "450 4.7.1")
        expect("have not written before" in line and "(sending-limit)" in line, line)
        deliver(client, ANN, "x@far.test", "250")
        deliver(client, ANN, "y@far.test", "250")
        line = deliver(client, ANN, "x@far.test", "450 4.7.1")
        expect("messages in an hour" in line, line)
    expect(len(place.listing("queue", "list")) == 4, "what was put off is in the queue")


def submit(server, address=OWNER, account=ANN):
    client = come_from(server, "submission", address)
    client.hears("220 ")
    client.send("EHLO client.test\r\n")
    client.hears_lines("250 ")
    plain = base64.b64encode(f"\0{account}\0{PASSWORD}".encode()).decode()
    client.says(f"AUTH PLAIN {plain}", "235")
    return client


def test_sessions_together_keep_to_the_limit_of_an_account(place):
    server = house(place, {"sending.messages_per_hour": 2})
    with submit(server) as one, submit(server) as two, submit(server) as three:
        one.says(f"MAIL FROM:<{ANN}>", "250")
        two.says(f"MAIL FROM:<{ANN}>", "250")
        three.says(f"MAIL FROM:<{ANN}>", "450 4.7.1")
        two.says("RSET", "250")
        two.says("QUIT", "221")
        two.hears_end()
        server.wait_for_log('how="session closed"')
        deliver(three, ANN, "x@far.test", "250")
        three.says(f"MAIL FROM:<{ANN}>", "450 4.7.1")
        one.says("RSET", "250")
        deliver(one, ANN, "x@far.test", "250")
        line = deliver(one, ANN, "x@far.test", "450 4.7.1")
        expect("may send 2 messages in an hour" in line, line)
    expect(len(place.listing("queue", "list")) == 2, "what was put off is in the queue")


def test_guesses_count_over_a_restart(place):
    server = house(place, {"login.failures": 3})
    for guess in ("one", "two"):
        expect(imap(server, STRANGER, ANN, guess, "NO [AUTHENTICATIONFAILED]"), guess)
    expect(server.stop(), "the server does not end well")
    server = place.serve(server.settings)
    expect(imap(server, STRANGER, ANN, "three", "NO [AUTHENTICATIONFAILED]"), "three")
    expect(imap(server, STRANGER, ANN, PASSWORD, "NO [UNAVAILABLE]"), "the third guess has locked it there")
    expect(imap(server, OWNER, ANN, PASSWORD, "OK"), "and nowhere else")


def test_senders_need_a_domain_that_takes_mail(place):
    with NameServer() as names:
        names.add("null.test", "MX", (0, ""))
        names.add("good.test", "MX", (10, "mx.good.test"))
        names.broken.add("down.test")
        server = house(place, {"dns.servers": [names.address], "dns.trust_anchor": "", "verify.enabled": True,
                               "spam.hello": "reject"})
        with greet(server, STRANGER) as client:
            line = deliver(client, "eve@null.test", ANN, "550 5.7.27")
            expect(line.endswith("(null-mx)"), line)
            for sender in ("eve@good.test", "eve@down.test", "eve@none.test"):
                deliver(client, sender, ANN, "250")
        rows = [row["reply"] for row in place.listing("trace", "eve@none.test")]
        expect(any(row.startswith("sender-domain: There is no domain none.test") for row in rows), f"{rows}")
        server.reload(**{"verify.sender_domains": "reject"})
        with greet(server, STRANGER) as client:
            deliver(client, "eve@good.test", ANN, "250")
            deliver(client, "eve@none.test", ANN, "550 5.1.8")
            deliver(client, "eve@down.test", ANN, "451 4.4.3")
        with greet(server, STRANGER, "EHLO example.test") as client:
            line = deliver(client, "eve@good.test", ANN, "550 5.7.1")
            expect(line.endswith("which is us (hello-own-name)"), line)


def test_good_mail_and_lists_keep_clients_from_being_put_off(place):
    with NameServer() as names:
        names.add("2.0.0.127.wl.test", "A", "127.0.0.2")
        listed(names, "wl.test", "203.0.113.1", "Good people")
        names.add("far.test", "TXT", "v=spf1 ip4:203.0.113.0/24 ip4:198.51.100.0/24 -all")
        server = house(place, {"dns.servers": [names.address], "dns.trust_anchor": "", "verify.enabled": True,
                               "spam.greylisting": True, "spam.lists": ["wl.test weight=-2"]})
        with greet(server, STRANGER) as client:
            deliver(client, "new@else.test", ANN, "451 4.7.1")
        with greet(server, "198.51.100.1") as client:
            deliver(client, "new@far.test", ANN, "451 4.7.1")
        with greet(server, "203.0.113.1") as client:
            deliver(client, "new@far.test", ANN, "250")
        for _ in range(PATIENCE * 10):  # what was good is noted behind the client's back
            with greet(server, "198.51.100.1") as client:
                client.says("MAIL FROM:<other@far.test>", "250")
                client.send(f"RCPT TO:<{ANN}>\r\n")
                if client.hears("").startswith("250"):
                    break
            threading.Event().wait(0.1)
        with greet(server, "198.51.100.1") as client:
            deliver(client, "third@far.test", ANN, "250")


def test_what_accounts_send_is_judged_where_that_is_wanted(place):
    with NameServer() as names:
        names.add("test.links.test", "A", "127.0.0.2")
        names.add("bad.test.links.test", "A", "127.0.0.2")
        server = house(place, {"dns.servers": [names.address], "dns.trust_anchor": "",
                               "spam.link_lists": ["links.test weight=9"]})
        text = "Look: https://www.bad.test/cheap"
        with submit(server) as client:
            deliver(client, ANN, "x@far.test", "250", text)
        server.reload(**{"sending.checks": "refuse"})
        with submit(server) as client:
            line = deliver(client, ANN, "x@far.test", "550 5.7.1", text)
            expect(line.endswith("(outgoing-junk)"), line)
            deliver(client, ANN, "x@far.test", "250", "Hello")
        server.reload(**{"sending.checks": "hold"})
        with submit(server) as client:
            deliver(client, ANN, "y@far.test", "250", text)
        rows = place.listing("trace", "y@far.test")
        expect(any(row["reply"].startswith("outgoing-junk: Held") for row in rows), f"{rows}")


def test_what_strangers_say_in_our_name_is_taken_out(place):
    server = house(place)
    with greet(server, STRANGER) as client:
        for command in ("MAIL FROM:<eve@far.test>", f"RCPT TO:<{ANN}>"):
            client.says(command, "250")
        client.says("DATA", "354")
        client.says("Authentication-Results: mail.example.test; dmarc=pass\r\nX-Hongyan-Spam: no, score=-99\r\n"
                    "From: eve@far.test\r\nSubject: forged\r\n\r\nHello\r\n.", "250")
    row, = place.listing("message", "list", ANN)
    text = place.hongyan("message", "show", ANN, row["uid"], "--raw")
    expect(b"dmarc=pass" not in text and b"-99" not in text and b"Subject: forged" in text, text)


def test_manners_have_a_score_and_are_told_in_a_header(place):
    server = house(place, {"spam.greeting_delay": "1s"})
    client = server.connect("smtp")
    client.send(f"PROXY TCP4 {STRANGER} 127.0.0.1 4000 25\r\nHELO mail.example.test\r\n")
    client.hears("220 ")
    client.hears("250 ")
    deliver(client, "eve@far.test", ANN, "250")
    client.sock.close()
    place.hongyan("mailbox", "list", ANN)
    row, = place.listing("message", "list", ANN)
    text = place.hongyan("message", "show", ANN, row["uid"], "--raw")
    expect(b"X-Hongyan-Spam: no, score=5.0;\r\n\thello-own-name=3.0;\r\n\tearly-talker=2.0\r\n" in text, text[:1500])
