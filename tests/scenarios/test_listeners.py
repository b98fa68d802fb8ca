"""Every port greets, parts politely, and shows the certificate of the test authority."""
import shutil
import socket
import ssl

from harness import Connection, Failure, expect

GREETINGS = {"smtp": "220 mail.example.test ESMTP", "submission": "220 mail.example.test ESMTP",
             "lmtp": "220 mail.example.test LMTP", "imap": "* OK [CAPABILITY ", "pop3": "+OK "}
GOODBYES = {"smtp": ("QUIT", "221 "), "submission": ("QUIT", "221 "), "lmtp": ("QUIT", "221 "),
            "imap": ("a LOGOUT", "* BYE"), "pop3": ("QUIT", "+OK")}


def part(connection, plain_service):
    command, answer = GOODBYES[plain_service]
    connection.says(command, answer)
    if plain_service == "imap":
        connection.hears("a OK")
    connection.hears_end()


def test_every_port_greets_and_parts(place):
    server = place.serve()
    for service, greeting in GREETINGS.items():
        with server.connect(service) as client:
            client.hears(greeting)
            part(client, service)


def test_implicit_tls_shows_a_certificate_of_the_test_authority(place):
    server = place.serve()
    for service, plain in {"submissions": "submission", "imaps": "imap", "pop3s": "pop3"}.items():
        for hostname in ("mail.example.test", "localhost", "127.0.0.1"):
            with server.connect_tls(service, hostname) as client:
                expect(client.sock.version() == "TLSv1.3", f"{service} speaks {client.sock.version()}")
                client.hears(GREETINGS[plain])
                part(client, plain)


def test_a_certificate_for_another_host_is_not_ours(place):
    server = place.serve()
    try:
        server.connect_tls("imaps", "other.example.test")
    except ssl.SSLCertVerificationError:
        return
    raise Failure("the certificate fits any host")


def test_a_certificate_is_chosen_by_the_name_that_is_asked_for(place):
    """RFC 6066 section 3: one for each of the domains that one machine serves."""
    server = place.serve()
    shutil.copy(server.data / "server.pem", server.data / "one.pem")
    server.reload(hostname="two.example.test")
    shutil.copy(server.data / "server.pem", server.data / "two.pem")
    server.reload(tls__certificate="one.pem", tls__key="one.pem", tls__others=["two.pem"])
    for hostname in ("mail.example.test", "two.example.test"):
        with server.connect_tls("imaps", hostname) as client:
            client.hears("* OK")


def test_old_tls_is_refused(place):
    server = place.serve()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", server.ports["imaps"])) as raw:
        try:
            context.wrap_socket(raw)
        except (ssl.SSLError, ConnectionError):
            return
    raise Failure("TLS 1.1 is spoken")


def test_starttls_in_every_protocol(place):
    server = place.serve()
    with server.connect("smtp") as client:
        client.hears("220 ")
        client.send("EHLO client.example.test\r\n")
        expect("250-STARTTLS" in client.hears_lines("250 "), "STARTTLS is not offered")
        client.says("STARTTLS", "220 ")
        client.start_tls(server.trust())
        client.send("EHLO client.example.test\r\n")
        expect("250-STARTTLS" not in client.hears_lines("250 "), "STARTTLS is offered again")
        part(client, "smtp")
    with server.connect("imap") as client:
        client.hears("* OK ")
        client.says("a STARTTLS", "a OK")
        client.start_tls(server.trust())
        client.says("b CAPABILITY", "* CAPABILITY IMAP4rev1")
        client.hears("b OK")
        part(client, "imap")
    with server.connect("pop3") as client:
        client.hears("+OK ")
        client.says("STLS", "+OK")
        client.start_tls(server.trust())
        part(client, "pop3")


def test_plain_text_behind_starttls_is_not_obeyed(place):
    """RFC 3207 §4.2: what came in the same packet as STARTTLS came from anybody."""
    server = place.serve()
    with server.connect("smtp") as client:
        client.hears("220 ")
        client.send("EHLO client.example.test\r\n")
        client.hears_lines("250 ")
        client.send("STARTTLS\r\nNOOP\r\n")
        client.hears("220 ")
        client.start_tls(server.trust())
        client.says("QUIT", "221 ")
        client.hears_end()


def test_a_port_in_use_is_named(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        server = place.start({"listen.imap": [address], "listen.pop3": [address]})
        code = server.wait()
        expect(code == 75, f"the exit code is {code}, not 75 (EX_TEMPFAIL)")
        for service in ("imap", "pop3"):
            expect(f"{service}: cannot listen on {address}: Address already in use" in server.log(),
                   f"no clear word about {service}: {server.log()}")


def test_a_second_server_on_the_same_port_is_refused(place):
    first = place.serve()
    second = place.start({"listen.imap": [f"127.0.0.1:{first.ports['imap']}"]}, data="other")
    expect(second.wait() == 75, "a second server shares the port")
    with first.connect("imap") as client:
        client.hears("* OK ")


def test_a_unix_socket_serves_too(place):
    path = place.folder / "lmtp.sock"
    server = place.serve({"listen.lmtp": [f"unix:{path}"]})
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(path))
        client = Connection(raw)
        client.hears("220 ")
        part(client, "lmtp")
    expect(server.stop(), "the server does not end well")


def test_both_families_are_served_by_a_star(place):
    server = place.serve({"listen.imap": ["*:0"]})
    for host in ("127.0.0.1", "::1"):
        try:
            raw = socket.create_connection((host, server.ports["imap"]), 20)
        except OSError:
            if host == "::1" and not socket.has_dualstack_ipv6():
                continue
            raise
        with Connection(raw) as client:
            client.hears("* OK ")
