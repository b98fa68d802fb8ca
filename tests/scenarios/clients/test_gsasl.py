"""gsasl, GNU SASL's own client, logs in by each mechanism, bound to the channel that GnuTLS makes and not."""
from harness import expect
from clients.household import ANN, ANY, HOST, PASSWORD, Home, serve

UNBOUND = [(mechanism, "--no-cb") for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")]
# tls-exporter (RFC 9266) with TLS 1.3, tls-unique (RFC 5929 §3) with TLS 1.2
BOUND = [(f"SCRAM-SHA-{digest}-PLUS", f"--priority=NORMAL:-VERS-ALL:+VERS-TLS1.{minor}") for digest in (1, 256)
         for minor in (3, 2)]


def gsasl(ann, service, mechanism, option, password=PASSWORD):
    """It begins TLS by itself where the server offers it, and it does not need to send anything after the log-in."""
    return ann.run("gsasl", "--imap" if service == "imap" else "--smtp",
                   f"--connect={HOST}:{ann.server.ports[service]}", "--x509-ca-file", ann.authority, "-a", ANN,
                   "-p", password, "-m", mechanism, option, code=ANY)


def test_gsasl_logs_in_by_every_mechanism_bound_to_the_channel_and_not(place):
    ann = Home(place, serve(place, recoverable=True), "ann")
    for service, ways, granted in (("submission", UNBOUND + BOUND, "235 2.7.0"),
                                   ("imap", UNBOUND[:1] + BOUND, "Logged in")):
        for way in ways:
            said = gsasl(ann, service, *way)
            expect(granted in said, f"{service}: gsasl {' '.join(way)} says {said}")


def test_gsasl_is_refused_with_a_wrong_password(place):
    ann = Home(place, serve(place), "ann")
    for service, refused in (("submission", "535 5.7.8"), ("imap", "AUTHENTICATIONFAILED")):
        for way in (UNBOUND[0], BOUND[0]):
            said = gsasl(ann, service, *way, password="wrong")
            expect(refused in said, f"{service}: gsasl {' '.join(way)} says {said}")
