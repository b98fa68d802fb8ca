"""SIGHUP changes what can be changed without dropping anybody; SIGTERM lets everybody finish."""
import signal
import ssl

from harness import Failure, expect, free_port


def test_sighup_keeps_sessions_and_applies_settings(place):
    server = place.serve()
    with server.connect("smtp") as before, server.connect_tls("imaps") as secure:
        before.hears("220 mail.example.test")
        secure.hears("* OK")
        server.reload(hostname="mx.example.test")
        before.says("NOOP", "250 ")
        secure.says("a NOOP", "a OK")
        with server.connect("smtp") as after:
            after.hears("220 mx.example.test")


def test_sighup_takes_a_new_certificate(place):
    server = place.serve()
    with server.connect_tls("imaps") as old:
        old.hears("* OK")
        server.reload(hostname="mx.example.test")
        with server.connect_tls("imaps", "mx.example.test") as new:
            new.hears("* OK")
        old.says("a NOOP", "a OK")
        try:
            server.connect_tls("imaps", "mail.example.test")
        except ssl.SSLCertVerificationError:
            return
    raise Failure("the old certificate is still shown")


def test_sighup_opens_and_closes_ports(place):
    server = place.serve()
    with free_port() as port, server.connect("pop3") as kept:
        kept.hears("+OK")
        server.reload(listen__pop3=[], listen__imap=[f"127.0.0.1:{port}"])
        kept.says("CAPA", "+OK")
        server.ports["imap"] = port
        with server.connect("imap") as client:
            client.hears("* OK")
        try:
            server.connect("pop3")
        except ConnectionRefusedError:
            return
    raise Failure("the old port still accepts")


def test_sighup_with_wrong_settings_changes_nothing(place):
    server = place.serve()
    server.write_settings({"limits.conections": 1})
    server.kill(signal.SIGHUP)
    server.wait_for_log("settings not reloaded")
    expect("limits.connections" in server.log(), "the log does not say which setting was meant")
    with server.connect("imap") as client:
        client.hears("* OK")


def test_sigterm_says_goodbye_and_ends_well(place):
    server = place.serve()
    with server.connect("smtp") as smtp, server.connect("imap") as imap, server.connect_tls("pop3s") as pop3:
        smtp.hears("220 ")
        imap.hears("* OK")
        pop3.hears("+OK")
        server.kill(signal.SIGTERM)
        smtp.hears("421 4.3.2 ")
        imap.hears("* BYE ")
        pop3.hears("-ERR [SYS/TEMP] ")
        for client in (smtp, imap, pop3):
            client.hears_end()
    expect(server.wait() == 0, "the exit code is not 0")


def test_sigint_is_as_good(place):
    server = place.serve()
    server.kill(signal.SIGINT)
    expect(server.wait() == 0, "the exit code is not 0")


def test_nobody_is_accepted_while_draining(place):
    server = place.serve({"drain_time": "1s"})
    with server.connect("submissions"):  # never begins its handshake, so it cannot be told
        server.wait_for_log(" connected")
        server.kill(signal.SIGTERM)
        server.wait_for_log("draining")
        server.wait_for_log("sessions broken off")
        try:
            server.connect("imap")
        except ConnectionRefusedError:
            expect(server.wait() == 0, "the exit code is not 0")
            return
    raise Failure("a draining server accepts")


def test_a_second_signal_does_not_wait(place):
    server = place.serve({"drain_time": "1h"})
    with server.connect("submissions"):
        server.wait_for_log(" connected")
        server.kill(signal.SIGTERM)
        server.wait_for_log("draining")
        server.kill(signal.SIGTERM)
        expect(server.wait() == 0, "the exit code is not 0")


def test_a_copy_that_a_signal_interrupts_is_done_whole_or_not_at_all(place):
    """RFC 9051 6.4.7. Wherever the COPY may be by then."""
    ann, count = place.make_account(), 25_000
    letters = place.folder / "letters.mbox"
    letters.write_bytes(b"".join(b"From a@b Thu Jan  1 00:00:00 2026\nSubject: %d\n\nx\n\n" % i for i in range(count)))
    place.hongyan("message", "import", ann, letters)
    server = place.serve({"drain_time": "0s"})
    log_in = f'a LOGIN {ann} "correct horse"\r\n'
    with server.connect_tls("imaps") as client, server.connect_tls("imaps") as watcher:
        client.hears("* OK")
        client.send(log_in + "b CREATE Target\r\nc SELECT INBOX\r\n")
        client.hears_lines("c OK")
        watcher.hears("* OK")
        watcher.send(log_in + "b SELECT Target\r\nc IDLE\r\n")
        watcher.hears_lines("+ ")
        client.send("d COPY 1:* Target\r\n")
        watcher.hears_lines("* ")  # a portion of it is there
        server.kill(signal.SIGTERM)
        expect(server.wait() == 0, "the exit code is not 0")
    copied = len(place.listing("message", "list", ann, "--mailbox", "Target"))
    expect(copied in (0, count), f"{copied} of {count} are copied")
