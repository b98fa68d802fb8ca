"""Ways to log in that need more than a password on the wire, with the clients that people have."""
import base64
import imaplib
import json
import poplib
import shutil
import smtplib
import subprocess
import time

from harness import HOSTNAME, PATIENCE, Skipped, expect

ANN = "ann@example.test"  # keeps her password recoverably
BOB = "bob@example.test"  # does not
PASSWORD = "correct horse"
MAIL = b"From: ann@example.test\r\nSubject: hello\r\n\r\nHello.\r\n"
RECOVERABLE = {"login.recoverable_passwords": True}


def house(place, settings):
    place.hongyan("domain", "add", "example.test")
    place.hongyan("account", "add", ANN, "--recoverable", input=PASSWORD.encode())
    place.hongyan("account", "add", BOB, input=PASSWORD.encode())
    (place.folder / "hello.eml").write_bytes(MAIL)
    place.hongyan("message", "import", ANN, place.folder / "hello.eml")
    return place.serve(settings)


def anybody(server):
    context = server.trust()
    context.check_hostname = False
    return context


def pop3(server):
    return poplib.POP3_SSL("127.0.0.1", server.ports["pop3s"], context=anybody(server), timeout=PATIENCE)


def imap(server):
    return imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=anybody(server), timeout=PATIENCE)


def smtp(server):
    return smtplib.SMTP_SSL("127.0.0.1", server.ports["submissions"], context=anybody(server), timeout=PATIENCE)


def cram_md5(session, name, password):
    """smtplib's AUTH by this mechanism and no other."""
    session.ehlo_or_helo_if_needed()
    session.user, session.password = name, password
    return session.auth("CRAM-MD5", session.auth_cram_md5, initial_response_ok=False)[0]


def refusal(kinds, action, *arguments):
    try:
        action(*arguments)
    except kinds as refused:
        return str(refused)
    return "nothing"


def curl(server, service, scheme, login, path="", *options):
    if shutil.which("curl") is None:
        raise Skipped("curl is not installed")
    place = f"{HOSTNAME}:{server.ports[service]}"
    done = subprocess.run(["curl", "-sS", "--cacert", server.data / "ca.pem", "--resolve", f"{place}:127.0.0.1",
                           *login, *options, f"{scheme}://{place}/{path}"], capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout


def test_apop_and_cram_md5_work_for_those_who_opted_in_and_nobody_else_can_tell(place):
    server = house(place, RECOVERABLE)
    session = pop3(server)
    session.apop(ANN, PASSWORD)
    expect(session.stat()[0] == 1, "APOP opens another maildrop")
    session.quit()
    expect(imap(server).login_cram_md5(ANN, PASSWORD)[0] == "OK", "imaplib cannot log in by CRAM-MD5")
    expect(cram_md5(smtp(server), ANN, PASSWORD) == 235, "smtplib cannot log in by CRAM-MD5")

    wrong = [(ANN, "wrong"), (BOB, PASSWORD), ("nobody@example.test", PASSWORD)]
    for action, kind in [(lambda *who: pop3(server).apop(*who), poplib.error_proto),
                         (lambda *who: imap(server).login_cram_md5(*who), imaplib.IMAP4.error),
                         (lambda *who: cram_md5(smtp(server), *who), smtplib.SMTPAuthenticationError)]:
        refusals = {refusal(kind, action, *who) for who in wrong}
        expect(len(refusals) == 1 and "nothing" not in refusals, f"refusals differ: {refusals}")


def test_curl_logs_in_by_cram_md5_and_apop(place):
    server = house(place, RECOVERABLE)
    user = ["--user", f"{ANN}:{PASSWORD}", "--login-options"]
    for mechanism in ["AUTH=CRAM-MD5", "AUTH=+APOP"]:
        code, text = curl(server, "pop3s", "pop3s", [*user, mechanism], "1")
        expect((code, text) == (0, MAIL), f"{mechanism} by POP3: {code} {text!r}")
    code, text = curl(server, "imaps", "imaps", [*user, "AUTH=CRAM-MD5"], "INBOX;UID=1")
    expect((code, text) == (0, MAIL), f"CRAM-MD5 by IMAP: {code} {text!r}")
    code, _ = curl(server, "submissions", "smtps", [*user, "AUTH=CRAM-MD5"], "", "--mail-from", ANN, "--mail-rcpt", BOB,
                   "-T", place.folder / "hello.eml")
    expect(code == 0, f"CRAM-MD5 by SMTP: {code}")


def test_nothing_of_it_is_offered_unless_the_settings_say_so(place):
    server = house(place, {})
    session = pop3(server)
    expect(b"<" not in session.getwelcome(), "the greeting has a time stamp")
    expect("CRAM-MD5" not in session.capa()["SASL"], "POP3 offers CRAM-MD5")
    expect("AUTH=CRAM-MD5" not in imap(server).capabilities, "IMAP offers CRAM-MD5")
    sender = smtp(server)
    sender.ehlo()
    expect("CRAM-MD5" not in sender.esmtp_features["auth"], "SMTP offers CRAM-MD5")
    server.reload(login__recoverable_passwords=True)
    session = pop3(server)
    expect(b"<" in session.getwelcome() and "CRAM-MD5" in session.capa()["SASL"], "POP3 does not offer them")
    with server.connect("pop3") as plain:
        expect("<" not in plain.hears("+OK "), "a time stamp in plain text")


def test_the_readable_form_is_nowhere_in_the_clear_and_goes_when_it_should(place):
    server = house(place, RECOVERABLE)

    def works():
        session = pop3(server)
        refused = refusal(poplib.error_proto, session.apop, ANN, PASSWORD)
        session.quit()
        return refused == "nothing"

    def listed():
        return {row["account"]: row["recoverable"] for row in place.listing("account", "list")}

    expect(listed() == {ANN: True, BOB: False}, f"the listing says {listed()}")
    expect(works(), "APOP does not work")
    place.hongyan("account", "unrecoverable", ANN)
    expect(not works() and listed()[ANN] is False, "the readable form is still there")
    place.hongyan("account", "passwd", ANN, "--recoverable", input=PASSWORD.encode())
    expect(works(), "opting in again does not work")
    place.hongyan("account", "passwd", ANN, input=PASSWORD.encode())
    expect(not works(), "a change of the password leaves the readable form")
    place.hongyan("account", "passwd", ANN, "--recoverable", "--no-password", code=65)
    expect((server.data / "password.key").stat().st_mode & 0o777 == 0o600, "others may read the key")
    expect(server.stop(), "the server does not end well")
    for file in (server.data / "store").rglob("*"):
        expect(not file.is_file() or PASSWORD.encode() not in file.read_bytes(), f"{file} holds the password")
    place.hongyan("store", "check")


def test_port_25_takes_log_ins_under_tls_where_the_settings_say_so(place):
    settings = {"smtp.log_in": True, "login.plain_networks": ["127.0.0.0/8"]}
    server = house(place, settings)
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=PATIENCE) as session:
        session.ehlo()
        expect("auth" not in session.esmtp_features, "a log-in is offered in plain text")
        expect(session.docmd("AUTH", "PLAIN AGEAYg==")[0] == 538, "a password is taken in plain text")
        expect(session.docmd("MAIL", "FROM:<far@there.test>")[0] == 250, "other servers must log in")
        expect(session.docmd("RCPT", "TO:<else@where.test>")[0] == 550, "a stranger relays")
        session.docmd("RSET")
        session.starttls(context=anybody(server))
        session.login(ANN, PASSWORD)
        expect(session.docmd("MAIL", "FROM:<bob@example.test>")[0] == 550, "Ann writes as Bob")
        expect(not session.sendmail(ANN, ["else@where.test"], MAIL), "Ann may not relay")
    expect(len(place.listing("queue", "list")) == 1, "the message is not in the queue")
    server.reload(smtp__log_in=False)
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=PATIENCE) as session:
        session.starttls(context=anybody(server))
        session.ehlo()
        expect("auth" not in session.esmtp_features, "a log-in is offered")


def test_a_reload_reaches_the_directory(place):
    server = house(place, {"login.memory_time": "0s"})
    with smtp(server) as session:
        session.ehlo()
        expect(session.docmd("VRFY", "ann-lists@example.test")[0] == 252, "VRFY tells")
    server.reload(smtp__verify=True, directory__separator="-", login__memory_time="5min")
    with smtp(server) as session:
        session.login(ANN, PASSWORD)
        expect(session.docmd("VRFY", "ann-lists@example.test")[0] == 250, "the separator is still the old one")


class Issuer:
    """A server that gives people tokens, and its keys as a file (RFC 7517)."""

    def __init__(self, folder, name="issuer"):
        self.key = folder / f"{name}.pem"
        self.keys = folder / f"{name}.jwks"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        modulus = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True,
                                 capture_output=True).stdout.decode().strip().split("=")[1]
        key = {"kty": "RSA", "kid": name, "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}
        self.keys.write_text(json.dumps({"keys": [key]}))

    def token(self, **claims):
        claims = {"iss": "https://id.test", "aud": "mail", "exp": time.time() + 600, **claims}
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "at+jwt"}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{base64url(signature)}"


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def bearer(name, token):
    return f"n,a={name},\x01host={HOSTNAME}\x01auth=Bearer {token}\x01\x01"


def test_tokens_of_somebody_whom_the_settings_believe_open_everything(place):
    issuer, another = Issuer(place.folder), Issuer(place.folder, "another")
    server = house(place, {"login.oauth.keys": str(issuer.keys), "login.oauth.issuer": "https://id.test",
                           "login.oauth.audience": "mail"})

    def by_imap(token, name=ANN):
        answers = [bearer(name, token).encode(), b"\x01"]
        return imap(server).authenticate("OAUTHBEARER", lambda _: answers.pop(0))[0]

    def by_pop3(token, name=ANN):
        session = pop3(server)
        expect(session._shortcmd("AUTH XOAUTH2").startswith(b"+"), "POP3 does not ask for the token")
        message = base64.b64encode(f"user={name}\x01auth=Bearer {token}\x01\x01".encode()).decode()
        answer = session._shortcmd(message)
        return session._shortcmd("") if answer.startswith(b"+ ") else answer

    def by_smtp(token, name=ANN):
        session = smtp(server)
        session.ehlo()
        session.auth("OAUTHBEARER", lambda challenge=None: bearer(name, token) if challenge is None else "\x01")
        return session

    good = issuer.token(email=ANN)
    expect("AUTH=OAUTHBEARER" in imap(server).capabilities, "IMAP does not offer it")
    expect("OAUTHBEARER" in pop3(server).capa()["SASL"], "POP3 does not offer it")
    expect(by_imap(good) == "OK", "IMAP does not take the token")
    expect(by_pop3(good).startswith(b"+OK"), "POP3 does not take the token")
    expect(not by_smtp(good).sendmail(ANN, [BOB], MAIL), "who has shown a token cannot submit")
    for bad in (issuer.token(email=BOB), issuer.token(email=ANN, aud="calendar"), another.token(email=ANN),
                issuer.token(email=ANN, exp=time.time() - 600), issuer.token(email=ANN, nbf=time.time() + 600)):
        refused = refusal(imaplib.IMAP4.error, by_imap, bad)
        expect("AUTHENTICATIONFAILED" in refused, f"IMAP says {refused}")
    expect("535" in refusal(smtplib.SMTPAuthenticationError, by_smtp, issuer.token(email=BOB)), "SMTP takes another's")
    refused = refusal(poplib.error_proto, by_pop3, issuer.token(email=BOB))
    expect("[AUTH]" in refused, f"POP3 says {refused}")

    # The keys are read again: what the old one has signed is worth nothing any more.
    server.reload(login__oauth__keys=str(another.keys))
    expect(by_imap(another.token(email=ANN)) == "OK", "the new key is not there")
    expect(refusal(imaplib.IMAP4.error, by_imap, good) != "nothing", "the old key is still there")
    # A file that is no key set changes nothing, and the log says so.
    another.keys.write_text("{}")
    server.reload()
    expect("keys of tokens not reloaded" in server.log(), "nobody hears of a broken file")
    expect(by_imap(another.token(email=ANN)) == "OK", "the keys are gone")
    server.reload(login__oauth__keys="")
    expect("AUTH=OAUTHBEARER" not in imap(server).capabilities, "it is still offered")


def test_a_message_that_lies_in_a_mailbox_is_sent_by_its_url(place):
    server = house(place, {})
    session = imap(server)
    session.login(ANN, PASSWORD)
    session.select("INBOX")
    rump = f"imap://{ANN}@{HOSTNAME}/INBOX/;uid=1;urlauth=submit+{ANN}"
    tag = session._new_tag()
    session.send(tag + f' GENURLAUTH "{rump}" INTERNAL\r\n'.encode())
    url = session.readline().decode().split('"')[1]
    expect(session.readline().startswith(tag + b" OK"), "no URL is made")

    def submit(name, *commands):
        with smtp(server) as sender:
            sender.login(name, PASSWORD)
            expect(sender.esmtp_features["burl"] == "imap", "BURL is not offered")
            sender.docmd("MAIL", f"FROM:<{name}>")
            sender.docmd("RCPT", f"TO:<{BOB}>")
            return [sender.docmd("BURL", command)[0] for command in commands]

    expect(submit(ANN, f"{url} LAST") == [250], "the message is not sent")
    expect(submit(ANN, url, f"{url} LAST") == [250, 250], "two messages do not become one")
    expect(submit(BOB, f"{url} LAST") == [554], "Bob sends what is for Ann to send")
    mails = imap(server)
    mails.login(BOB, PASSWORD)
    mails.select("INBOX")
    expect(mails.fetch("1", "BODY[TEXT]")[1][0][1] == b"Hello.\r\n", "another message has come")
    expect(mails.fetch("2", "BODY[TEXT]")[1][0][1] == b"Hello.\r\n" + MAIL, "another message has come")
