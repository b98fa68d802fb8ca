"""Mail comes in by SMTP and LMTP and is in the mailbox; users submit it; nobody else sends it through us."""
import base64
import smtplib
import threading

from harness import PATIENCE, expect

ANN = "ann@example.test"
BOB = "bob@example.test"
PASSWORD = "correct horse"
MAIL = "From: Ann <ann@example.test>\r\nSubject: =?utf-8?b?6YeN6KaB?=\r\n\r\n.dot\r\n你好\r\n".encode()


def house(place, settings=None):
    place.make_account(ANN, PASSWORD)
    place.hongyan("account", "add", BOB, input=PASSWORD.encode() + b"\n")
    return place.serve(settings)


def client(server, service):
    kind = smtplib.LMTP if service == "lmtp" else smtplib.SMTP
    return kind("127.0.0.1", server.ports[service], local_hostname="client.test", timeout=PATIENCE)


def submitter(server):
    smtp = client(server, "submission")
    context = server.trust()
    context.check_hostname = False
    smtp.starttls(context=context)
    smtp.login(ANN, PASSWORD)
    return smtp


def inbox(place, account):
    return place.listing("message", "list", account)


def raw(place, account, uid=1):
    return place.hongyan("message", "show", "--raw", account, uid)


def refusal(action, *arguments):
    try:
        action(*arguments)
    except smtplib.SMTPRecipientsRefused as refused:
        return [f"{code} {text.decode()[:5]}" for code, text in refused.recipients.values()][0]
    except smtplib.SMTPResponseException as refused:
        return f"{refused.smtp_code} {refused.smtp_error.decode()[:5]}"
    return "nothing"


def test_a_message_is_followed_through_the_log(place):
    """By the session's id from connection to farewell, refusals with their codes; by the message's id to each mailbox."""
    server = house(place)
    with client(server, "smtp") as smtp:
        refusal(smtp.sendmail, "out@there.test", ["nobody@example.test"], MAIL)
        smtp.mail("out@there.test")
        smtp.rcpt(BOB)
        kept = smtp.data(MAIL)[1].decode().split()[-1]
    server.wait_for_log("disconnected")
    lines = [line for line in server.log().splitlines() if f"[{kept}] delivered " in line]
    expect(len(lines) == 1 and " from=out@there.test " in lines[0] and f" to={BOB} " in lines[0], server.log())
    session = lines[0].split("[")[1].split("]")[0]
    events = [line.split("] ")[2] for line in server.log().splitlines() if f"[{session}]" in line]
    expect([event.split()[0] for event in events] == ["connected", "refused", "delivered", "disconnected"], events)
    expect("code=550 status=5.1.1 reason=" in events[1] and "nobody@example.test" in events[1], events[1])


def test_large_messages_at_once_keep_to_the_memory_that_is_theirs(place):
    """limits.memory: they wait for each other, and are all delivered."""
    server = house(place, {"limits.memory": "8 MiB"})
    large = MAIL + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 50_000
    failures = []

    def send():
        try:
            with client(server, "smtp") as smtp:
                smtp.sendmail("out@there.test", [BOB], large)
        except (smtplib.SMTPException, OSError) as failure:
            failures.append(failure)

    senders = [threading.Thread(target=send) for _ in range(12)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    expect(not failures, failures)
    expect(len(inbox(place, BOB)) == 12, "not all are in the mailbox")


def test_mail_from_outside_is_in_the_mailbox_when_it_is_acknowledged(place):
    server = house(place)
    with client(server, "smtp") as smtp:
        smtp.sendmail("out@there.test", [BOB], MAIL)
        expect([m["subject"] for m in inbox(place, BOB)] == ["重要"], "the message is not in the mailbox")
        expect(raw(place, BOB).endswith(b"+0000\r\n" + MAIL), "the message has changed on its way")
        expect(raw(place, BOB).startswith(b"Return-Path: <out@there.test>\r\nDelivered-To: bob@example.test\r\n"),
               "the trace fields are missing")
    expect(server.stop(), "the server does not end well")
    expect(raw(place, BOB).endswith(MAIL), "the message is gone after a restart")


def test_nobody_sends_through_us_to_others(place):
    server = house(place)
    with client(server, "smtp") as smtp:
        expect(refusal(smtp.sendmail, "a@there.test", ["b@elsewhere.test"], MAIL) == "550 5.7.1", "an open relay")
        expect(refusal(smtp.sendmail, ANN, ["b@elsewhere.test"], MAIL) == "550 5.7.1", "an open relay for our names")
        expect(refusal(smtp.sendmail, "a@there.test", ["no@example.test"], MAIL) == "550 5.1.1", "nobody is somebody")
    with client(server, "submission") as smtp:
        expect(refusal(smtp.sendmail, ANN, [BOB], MAIL) == "530 5.7.0", "submission without a log-in")
    expect(place.listing("queue", "list") == [], "something waits to be sent")


# How people have made servers send their mail to others, and what each gets here.
RELAY_TRICKS = {
    "550 5.7.1 ": [  # another's domain, in whatever dress
        "user@elsewhere.test", "user%example.test@elsewhere.test", "@example.test:user@elsewhere.test",
        "@example.test,@a.test:user@elsewhere.test", "bob@[127.0.0.1]", "bob@[IPv6:::1]", "bob@127.0.0.1",
        "bob@localhost", "bob@mail.example.test", "bob@sub.example.test", "bob@xexample.test", "bob@test",
        "bob@example.test.elsewhere.test", "user%elsewhere.test@[127.0.0.1]", "postmaster@elsewhere.test",
        "user@ELSEWHERE.test", '"bob@example.test"@elsewhere.test', "bob@xn--80ak6aa92e.test"],
    "550 5.1.1 ": [  # ours, and nobody of that name: a local part is no route
        "user%elsewhere.test@example.test", "user%elsewhere.test%x.test@example.test",
        "elsewhere.test!user@example.test", "a!b!user@example.test", '"user@elsewhere.test"@example.test',
        '"user%elsewhere.test"@example.test', '"elsewhere.test!user"@example.test', '" bob"@example.test',
        '"bob "@example.test', "user=elsewhere.test@example.test", "user#elsewhere.test@example.test",
        "user/elsewhere.test@example.test", "|/bin/sh@example.test", "/etc/passwd@example.test",
        "+user@example.test", "@elsewhere.test:user%elsewhere.test@example.test"],
    "501 5.1.3 ": [  # no address at all
        "user@elsewhere.test@example.test", "user%elsewhere.test", "elsewhere.test!user", '"user@elsewhere.test"',
        "bob@example.test.", "bob@.example.test", "bob@@example.test", "bob@", "@example.test", "bob",
        "bob@example.test@", "bob@example.test,user@elsewhere.test", "bob@example.test:user@elsewhere.test",
        "bob\\@elsewhere.test@example.test", "bob@example.test%elsewhere.test", "bob(x)@example.test",
        "bob@example.test(x)", " bob@example.test", "bob@example.test ", ":include:/etc/passwd@example.test",
        "@a.test:@b.test:bob@example.test", ""],
    "500 5.5.2 ": ["bob@example.test\0.elsewhere.test", "bob@example.test\r.elsewhere.test", "bob\n@example.test"],
    "553 5.6.7 ": ["bob@ｅxample.test", "bob@example。test", "böb@example.test"],
    "250 2.1.5 ": [  # Bob, and nobody else
        "@elsewhere.test:bob@example.test", "BOB@EXAMPLE.TEST", '"bob"@example.test', '"b\\ob"@example.test',
        "bob+user%elsewhere.test@example.test", "bob+user@example.test", "postmaster"],
}


def test_no_trick_makes_us_a_relay(place):
    server = house(place, {"smtp.errors": 1000})
    for service, hello in (("smtp", "EHLO c"), ("lmtp", "LHLO c")):
        with server.connect(service) as smtp:
            smtp.hears("220 ")
            smtp.send(f"{hello}\r\n")
            smtp.hears_lines("250 ")
            smtp.says(f"MAIL FROM:<{ANN}>", "250 ")
            for answer, addresses in RELAY_TRICKS.items():
                for address in addresses:
                    smtp.says(f"RCPT TO:<{address}>", answer)
            smtp.says("DATA", "354 ")
            smtp.says("Subject: trick\r\n\r\n.", "250 ")
    expect(place.listing("queue", "list") == [], "something waits to be sent")
    expect(all(len(inbox(place, account)) == 2 for account in (ANN, BOB)), "the mail is not where it belongs")


def test_users_submit_under_their_own_names_and_the_rest_waits_in_the_queue(place):
    server = house(place)
    with submitter(server) as smtp:
        expect(refusal(smtp.sendmail, BOB, [BOB], MAIL) == "550 5.7.1", "another's name was taken")
        smtp.sendmail(ANN, [BOB, "far@there.test"], MAIL, mail_options=["RET=HDRS"], rcpt_options=["NOTIFY=FAILURE"])
    expect(len(inbox(place, BOB)) == 1, "the local recipient got nothing")
    waiting = place.listing("queue", "list")
    expect([(w["sender"], w["recipients"]) for w in waiting] == [(ANN, ["far@there.test"])], f"queue: {waiting}")
    identity = waiting[0]["id"]
    shown = place.listing("queue", "show", identity)
    expect([(r["recipient"], r["state"], r["notify"]) for r in shown] == [("far@there.test", "waiting", "FAILURE")],
           f"recipients: {shown}")
    message = place.hongyan("queue", "show", "--raw", identity)
    expect(message.startswith(b"Received: ") and message.endswith(MAIL), "the message in the queue is another")
    expect(server.stop(), "the server does not end well")
    expect(place.listing("queue", "list") == waiting, "the queue has not survived")
    place.hongyan("queue", "remove", identity)
    expect(place.listing("queue", "list") == [], "what was removed is still there")


def test_wrong_passwords_are_refused_and_too_many_end_the_session(place):
    server = house(place)
    with server.connect_tls("submissions") as smtp:
        smtp.hears("220 ")
        smtp.send("EHLO c\r\n")
        smtp.hears_lines("250 ")
        wrong = base64.b64encode(f"\0{ANN}\0wrong".encode()).decode()
        for _ in range(3):
            smtp.says(f"AUTH PLAIN {wrong}", "535 5.7.8 ")
        smtp.hears("421 4.7.0 ")
        smtp.hears_end()


def test_passwords_do_not_come_in_plain_text_unless_permitted(place):
    server = house(place)
    good = base64.b64encode(f"\0{ANN}\0{PASSWORD}".encode()).decode()
    for permitted, answer in ((False, "530 5.7.0"), (True, "235 2.7.0")):
        if permitted:
            server.reload(login__plain_networks=["127.0.0.0/8"])
        with server.connect("submission") as smtp:
            smtp.hears("220 ")
            smtp.send("EHLO c\r\n")
            offered = any("AUTH" in line for line in smtp.hears_lines("250 "))
            expect(offered == permitted, "AUTH is offered at the wrong time")
            smtp.says(f"AUTH PLAIN {good}", answer)


def test_lmtp_answers_for_each_recipient(place):
    server = house(place)
    with client(server, "lmtp") as lmtp:
        lmtp.ehlo_or_helo_if_needed()
        lmtp.mail("out@there.test")
        expect(lmtp.rcpt(ANN)[0] == 250, "Ann is refused")
        expect(lmtp.rcpt("no@example.test")[0] == 550, "nobody is somebody")
        code, reply = lmtp.data(MAIL)
        expect(code == 250, f"{code} {reply}")
    expect(len(inbox(place, ANN)) == 1, "Ann got nothing")


def test_a_line_end_that_is_none_hides_no_second_message(place):
    server = house(place)
    with server.connect("smtp") as smtp:
        smtp.hears("220 ")
        for line, answer in (("HELO c", "250 "), ("MAIL FROM:<>", "250 "), (f"RCPT TO:<{BOB}>", "250 "),
                             ("DATA", "354 ")):
            smtp.says(line, answer)
        smtp.send(f"Subject: one\r\n\r\n\n.\nMAIL FROM:<{ANN}>\r\nRCPT TO:<{BOB}>\r\nDATA\r\nSubject: two\r\n\r\n")
        smtp.says(".", "554 5.6.0 ")
        smtp.says("NOOP", "250 ")
    expect(inbox(place, BOB) == [], "something was smuggled in")


def test_a_proxy_names_the_client(place):
    server = house(place, {"proxy.networks": ["127.0.0.1"]})
    with server.connect("smtp") as smtp:
        smtp.send("PROXY TCP4 192.0.2.77 127.0.0.1 4000 25\r\n")
        smtp.hears("220 ")
        for line, answer in (("HELO c", "250 "), ("MAIL FROM:<>", "250 "), (f"RCPT TO:<{BOB}>", "250 "),
                             ("DATA", "354 ")):
            smtp.says(line, answer)
        smtp.send("From: eve@far.test\r\n\r\nHello\r\n")
        smtp.says(".", "250 ")
    expect(b"from c ([192.0.2.77])" in raw(place, BOB), "the proxy's own address stands in the trace")
    with server.connect("smtp") as smtp:
        smtp.send("HELO c\r\n")
        smtp.hears_end()
