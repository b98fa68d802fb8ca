"""Mail comes in by SMTP and LMTP and is in the mailbox; users submit it; nobody else sends it through us."""
import base64
import smtplib

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
                             ("DATA", "354 "), (".", "250 ")):
            smtp.says(line, answer)
    expect(b"from c ([192.0.2.77])" in raw(place, BOB), "the proxy's own address stands in the trace")
    with server.connect("smtp") as smtp:
        smtp.send("HELO c\r\n")
        smtp.hears_end()
