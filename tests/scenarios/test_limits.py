"""Nobody can hold more than his share, or hold it for ever."""
import time

from harness import expect


def test_too_many_connections_are_refused_politely(place):
    server = place.serve({"limits.connections": 3})
    held = [server.connect("smtp") for _ in range(3)]
    for client in held:
        client.hears("220 ")
    for service, words in {"smtp": "421 4.3.2 ", "imap": "* BYE ", "pop3": "-ERR [SYS/TEMP] "}.items():
        with server.connect(service) as client:
            expect("Too many connections" in client.hears(words), "the reason is not said")
            client.hears_end()
    held[0].says("QUIT", "221 ")
    held[0].hears_end()
    held[0].sock.close()
    server.wait_for_log(" disconnected")
    with server.connect("imap") as client:
        client.hears("* OK")


def test_one_address_cannot_take_everything(place):
    server = place.serve({"limits.connections_per_address": 2, "limits.exempt_networks": []})
    with server.connect("smtp") as first, server.connect("imap") as second:
        first.hears("220 ")
        second.hears("* OK")
        with server.connect("smtp") as third:
            expect("from your address" in third.hears("421 "), "the reason is not said")


def test_behind_a_proxy_each_client_has_his_own_share(place):
    server = place.serve({"limits.connections_per_address": 2, "limits.exempt_networks": [],
                          "proxy.networks": ["127.0.0.1"]})

    def come_from(address):
        client = server.connect("smtp")
        client.send(f"PROXY TCP4 {address} 127.0.0.1 4000 25\r\n")
        return client

    held = [come_from("192.0.2.1") for _ in range(2)] + [come_from("192.0.2.2") for _ in range(2)]
    for client in held:
        client.hears("220 ")
    with come_from("192.0.2.1") as third:
        expect("from your address" in third.hears("421 "), "the reason is not said")
        third.hears_end()
    held[0].says("QUIT", "221 ")
    held[0].hears_end()
    held[0].sock.close()
    server.wait_for_log('how="session closed"')
    with come_from("192.0.2.1") as next_one:
        next_one.hears("220 ")


def test_a_silent_client_is_let_go(place):
    server = place.serve({"limits.smtp_patience": "1s", "limits.login_patience": "1s"})
    with server.connect("smtp") as smtp, server.connect("imap") as imap, server.connect("pop3") as pop3:
        smtp.hears("220 ")
        imap.hears("* OK")
        pop3.hears("+OK")
        smtp.hears("421 4.4.2 ")
        imap.hears("* BYE ")
        for client in (smtp, imap, pop3):
            client.hears_end()


def test_a_client_that_sends_slowly_gets_no_more_time(place):
    server = place.serve({"limits.smtp_patience": "1s"})
    with server.connect("smtp") as client:
        client.hears("220 ")
        begin = time.monotonic()
        client.sock.settimeout(0.2)
        answer = b""
        while not answer and time.monotonic() - begin < 10:
            client.send("x")
            try:
                answer = client.sock.recv(1000)
            except TimeoutError:
                pass
        expect(answer.startswith(b"421 4.4.2 "), f"expected 421, heard {answer!r}")
        expect(time.monotonic() - begin < 5, "a slow client holds the server up")


def test_a_handshake_that_never_comes_ends(place):
    server = place.serve({"limits.handshake_patience": "1s"})
    with server.connect("imaps") as client:
        client.hears_end()
    server.wait_for_log("no TLS handshake")


def test_many_sessions_at_once(place):
    server = place.serve({"limits.connections": 500})
    clients = [server.connect("imap") for _ in range(300)]
    for client in clients:
        client.hears("* OK")
    for client in clients:
        client.send("a LOGOUT\r\n")
    for client in clients:
        client.hears("* BYE")
        client.hears("a OK")
        client.hears_end()
        client.sock.close()
    server.wait_for_log(" disconnected", 300)
