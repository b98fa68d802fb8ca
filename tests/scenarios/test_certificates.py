"""People log in with a certificate of their own (EXTERNAL), and clients that come back resume their TLS session."""
import imaplib
import poplib
import shutil
import smtplib
import socket
import ssl
import subprocess

from authority import Authority
from harness import HOSTNAME, PATIENCE, Skipped, expect

ANN = "ann@example.test"
BOB = "bob@example.test"
LI = "李@example.test"
PASSWORD = "correct horse"
MAIL = b"From: ann@example.test\r\nSubject: hello\r\n\r\nHello.\r\n"


def house(place, authority):
    place.hongyan("domain", "add", "example.test")
    for name in [ANN, BOB, LI]:
        place.hongyan("account", "add", name, input=PASSWORD.encode())
    (place.folder / "hello.eml").write_bytes(MAIL)
    place.hongyan("message", "import", ANN, place.folder / "hello.eml")
    return place.serve({"tls.client_authorities": str(authority.file)})


def client(server, certificate=None, version=None):
    context = server.trust()
    context.check_hostname = False
    if certificate:
        context.load_cert_chain(certificate)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def imap_answer(server, certificate, authzid=""):
    """What IMAP says to EXTERNAL: OK, NO, or "not offered"."""
    with imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=client(server, certificate),
                           timeout=PATIENCE) as session:
        if "AUTH=EXTERNAL" not in session.capabilities:
            return "not offered"
        try:
            return session.authenticate("EXTERNAL", lambda _: authzid.encode())[0]
        except imaplib.IMAP4.error:
            return "NO"


def test_the_address_in_a_certificate_logs_in_over_every_protocol_for_people(place):
    authority = Authority(place, "authority")
    ann = authority.certify("ann", ("email", ANN))
    server = house(place, authority)
    expect(imap_answer(server, ann) == "OK", "IMAP refuses the certificate")
    expect(imap_answer(server, ann, ANN) == "OK", "IMAP refuses its owner's name")
    expect(imap_answer(server, ann, BOB) == "NO", "a certificate logs in as somebody else")
    with smtplib.SMTP("127.0.0.1", server.ports["submission"], timeout=PATIENCE) as session:
        session.starttls(context=client(server, ann))
        session.ehlo()
        expect(session.auth("EXTERNAL", lambda _=None: "")[0] == 235, "submission refuses the certificate")
        expect(not session.sendmail(ANN, [BOB], MAIL), "the message is refused")
    session = poplib.POP3_SSL("127.0.0.1", server.ports["pop3s"], context=client(server, ann), timeout=PATIENCE)
    expect("EXTERNAL" in session.capa()["SASL"], "POP3 does not offer EXTERNAL")
    session._shortcmd("AUTH EXTERNAL =")
    expect(session.stat()[0] == 1, "POP3 opens another maildrop")
    session.quit()
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=PATIENCE) as session:
        session.starttls(context=client(server, ann))
        session.ehlo()
        expect("auth" not in session.esmtp_features, "other servers are offered a log-in")


def test_a_chinese_address_is_read_from_a_certificate(place):
    authority = Authority(place, "authority")
    li = authority.certify("li", ("otherName", f"1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:{LI}"))
    server = house(place, authority)
    expect(imap_answer(server, li) == "OK" and imap_answer(server, li, LI) == "OK", "SmtpUTF8Mailbox is not understood")


def test_what_our_authorities_do_not_vouch_for_offers_nothing_and_breaks_nothing(place):
    authority = Authority(place, "authority")
    server = house(place, authority)
    for certificate in [None, authority.self_sign("self", ("email", ANN)),
                        Authority(place, "stranger").certify("strange", ("email", ANN)),
                        authority.certify("server", ("email", ANN), usage="serverAuth")]:
        expect(imap_answer(server, certificate) == "not offered", f"EXTERNAL is offered to {certificate}")
        with imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=client(server, certificate),
                               timeout=PATIENCE) as session:
            expect(session.login(ANN, PASSWORD)[0] == "OK", f"with {certificate} a password does not work either")


def test_a_certificate_stands_for_the_account_that_it_is_bound_to(place):
    authority = Authority(place, "authority")
    bare, named = authority.certify("bare"), authority.certify("named", ("email", ANN))
    server = house(place, authority)
    expect(imap_answer(server, bare) == "NO", "a certificate of nobody logs in")
    fingerprint = place.hongyan("certificate", "add", BOB, bare).decode().strip()
    expect(imap_answer(server, bare) == "OK" and imap_answer(server, bare, BOB) == "OK", "the binding does not count")
    expect(imap_answer(server, bare, ANN) == "NO", "it logs in as somebody else")
    place.hongyan("certificate", "add", ANN, fingerprint, code=73)
    place.hongyan("certificate", "add", ANN, "-", input=b"nothing", code=65)
    place.hongyan("certificate", "add", BOB, "-", input=named.read_bytes())
    expect(imap_answer(server, named, BOB) == "OK" and imap_answer(server, named, ANN) == "NO",
           "the address counts beside the binding")
    listed = [row["fingerprint"] for row in place.listing("certificate", "list", BOB)]
    expect(fingerprint in listed and len(listed) == 2, f"the listing says {listed}")
    colons = ":".join(fingerprint[i:i + 2] for i in range(0, 64, 2)).upper()
    place.hongyan("certificate", "remove", BOB, colons)
    expect(imap_answer(server, bare) == "NO", "the binding still counts")
    expect(server.stop(), "the server does not end well")
    place.hongyan("store", "check")


def test_curl_logs_in_with_a_certificate(place):
    if shutil.which("curl") is None:
        raise Skipped("curl is not installed")
    authority = Authority(place, "authority")
    ann = authority.certify("ann", ("email", ANN))
    server = house(place, authority)
    for scheme, service, path, options in [("imaps", "imaps", "INBOX;UID=1", []), ("pop3s", "pop3s", "1", []),
                                           ("smtps", "submissions", "", ["--mail-from", ANN, "--mail-rcpt", BOB, "-T",
                                                                         place.folder / "hello.eml"])]:
        where = f"{HOSTNAME}:{server.ports[service]}"
        done = subprocess.run(["curl", "-sS", "--cacert", server.data / "ca.pem", "--resolve", f"{where}:127.0.0.1",
                               "--cert", ann, "--user", f"{ANN}:", "--login-options", "AUTH=EXTERNAL", *options,
                               f"{scheme}://{where}/{path}"], capture_output=True, timeout=PATIENCE)
        expect(done.returncode == 0, f"{scheme}: curl ended with {done.returncode}: {done.stderr.decode()}")
        expect(not path or done.stdout == MAIL, f"{scheme}: the message is {done.stdout!r}")


class Visit:
    """One TLS session on a service, up to its greeting; `commands` are the plain text before it."""

    def __init__(self, server, service, context, session=None):
        self.sock = socket.create_connection(("127.0.0.1", server.ports[service]), PATIENCE)
        greets = service in ("submissions", "imaps", "pop3s")
        for command in [] if greets else [None] + {"imap": ["a STARTTLS"], "pop3": ["STLS"]}.get(
                service, [("LHLO c" if service == "lmtp" else "EHLO c"), "STARTTLS"]):
            if command:
                self.sock.sendall(f"{command}\r\n".encode())
            self.hear()
        self.sock = context.wrap_socket(self.sock, server_hostname=HOSTNAME, session=session)
        self.sock.settimeout(PATIENCE)
        if not greets:
            self.sock.sendall(b"NOOP\r\n" if service in ("smtp", "submission", "lmtp") else b"a CAPABILITY\r\n")
        self.hear()  # tickets come with the first words (RFC 8446 §4.6.1)

    def hear(self):
        text = b""
        while not text.endswith(b"\r\n"):
            more = self.sock.recv(4096)
            expect(more, "the server has gone")
            text += more
        return text

    def leave(self):
        """The session, for the next visit."""
        session = self.sock.session
        self.sock.close()
        return session


def test_sessions_are_resumed_on_every_listener_in_tls_1_2_and_1_3(place):
    server = place.serve()
    for service in ["smtp", "submission", "submissions", "lmtp", "imap", "imaps", "pop3", "pop3s"]:
        for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
            context = client(server, version=version)
            first = Visit(server, service, context)
            expect(not first.sock.session_reused, f"{service}: the first session is no first")
            ticket = first.leave()
            expect(ticket.has_ticket, f"{service}: {version.name} gives no ticket")
            for _ in range(3):  # whichever thread takes the connection has the same keys
                again = Visit(server, service, context, ticket)
                expect(again.sock.session_reused, f"{service}: {version.name} does not resume")
                ticket = again.leave()


def test_a_resumed_session_still_knows_the_certificate_until_the_authorities_change(place):
    authority, other = Authority(place, "authority"), Authority(place, "other")
    ann = authority.certify("ann", ("email", ANN))
    server = house(place, authority)

    def external(visit):
        visit.sock.sendall(b"a AUTHENTICATE EXTERNAL =\r\n")
        return visit.hear().startswith(b"a OK")

    for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
        context = client(server, ann, version)
        first = Visit(server, "imaps", context)
        expect(external(first), "EXTERNAL does not work")
        again = Visit(server, "imaps", context, first.leave())
        expect(again.sock.session_reused and external(again), f"{version.name}: the resumed session knows no certificate")
        ticket = again.leave()
        server.reload(tls__client_authorities=str(other.file))
        changed = Visit(server, "imaps", context, ticket)
        expect(not changed.sock.session_reused and not external(changed), "an authority that is gone still counts")
        changed.leave()
        server.reload(tls__client_authorities=str(authority.file))
