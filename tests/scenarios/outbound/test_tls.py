"""What TLS must be on the way out: as the operator, the domain of a recipient and the sender say."""
import gzip
import json
import smtplib
import ssl

from authority import Authority
from harness import PATIENCE, expect
from outbound.house import ANN, House, letter
from outbound.web_server import WebServer
from scripted_peer import EXTENSIONS, tls

POLICY = "version: STSv1\r\nmode: {}\r\n{}max_age: 86400\r\n"
WEB = "127.3.0.250"


def server_side(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class Town:
    """Mail hosts with certificates of one authority, which our server believes, and the web server of their policies."""

    def __init__(self, house):
        self.house = house
        self.authority = Authority(house.place, "authority")
        self.domains = []
        self.patterns = []

    def mail_host(self, domain, address, name=None, offers=(), preference=10):
        """Its certificate is for `name`, or for itself."""
        name = name or f"mx{preference}.{domain}"
        certificate = self.authority.certify(name, ("DNS", name), usage="serverAuth")
        script = {"STARTTLS": tls(server_side(certificate)), "extensions": [*EXTENSIONS, *offers]}
        return self.house.mail_host(domain, address, script, preference=preference)

    def has_policy(self, domain, pattern=None):
        """All domains are served one policy, of all patterns."""
        self.house.names.add(f"_mta-sts.{domain}", "TXT", "v=STSv1; id=1;")
        self.house.names.add(f"mta-sts.{domain}", "A", WEB)
        self.domains.append(domain)
        self.patterns += [pattern] if pattern else []

    def open(self, mode="enforce", settings=None):
        """The web server, and ours."""
        names = [("DNS", f"mta-sts.{domain}") for domain in self.domains] or [("DNS", "nobody.test")]
        self.web = WebServer(WEB, self.authority.certify("web", *names, usage="serverAuth"))
        self.house.resources.callback(self.web.close)
        lines = "".join(f"mx: {pattern}\r\n" for pattern in self.patterns)
        self.web.pages["/.well-known/mta-sts.txt"] = POLICY.format(mode, lines)
        return self.house.start({"outbound.authorities": str(self.authority.file),
                                 "outbound.https_port": self.web.port, **(settings or {})})


def test_a_certificate_for_another_host_counts_where_the_policy_says_enforce(place):
    with House(place) as house:
        town = Town(house)
        wrong = town.mail_host("strict.test", "127.3.0.1", name="mail.elsewhere.test")
        town.has_policy("strict.test", "mx10.strict.test")
        anybody = town.mail_host("free.test", "127.3.0.2", name="mail.elsewhere.test")
        plain = house.mail_host("plain.test", "127.3.0.3")
        town.has_policy("plain.test")
        town.open()
        for recipient in ("a@strict.test", "a@free.test", "a@plain.test"):
            house.submit(recipient)
        event = house.deferred("a@strict.test")
        expect(event["policy"] == "mta-sts" and event["status"] == "4.7.5", event)
        for text in ("mx10.strict.test", "is for mail.elsewhere.test", "MTA-STS: the policy of strict.test"):
            expect(text in event["reply"], f"it is explained: {event['reply']}")
        event = house.settled("a@free.test")["a@free.test"][-1]
        expect(event["event"] == "sent" and event["tls"].startswith("TLSv1.3"), event)
        expect(event["policy"] == "opportunistic", event)
        # The policy of strict.test does not name this host.
        event = house.deferred("a@plain.test")
        expect("mx10.plain.test is none of the hosts in the policy" in event["reply"], event)
        expect(not wrong.taken and not plain.connections and anybody.secure == [True], "nothing went where it must not")
        story = str(place.listing("trace", "a@strict.test"))
        expect("mail.elsewhere.test" in story and "mta-sts" in story, f"the history tells it too: {story}")


def test_a_policy_is_fetched_once_and_outlives_its_web_server_and_ours(place):
    with House(place) as house:
        town = Town(house)
        good = town.mail_host("strict.test", "127.3.0.11")
        town.has_policy("strict.test", "*.strict.test")
        server = town.open()
        house.submit("a@strict.test", "b@strict.test")
        event = house.settled("a@strict.test")["a@strict.test"][-1]
        expect((event["event"], event["policy"]) == ("sent", "mta-sts"), event)
        expect(good.secure == [True] and len(town.web.asked) == 1, f"asked once: {town.web.asked}")
        # RFC 8461 §7: both are called by their names.
        expect((set(town.web.called), set(good.called)) == ({"mta-sts.strict.test"}, {"mx10.strict.test"}),
               f"{town.web.called} {good.called}")
        server.stop()
        row, = place.listing("report", "tls")
        counted = (row["domain"], row["policy"], row["successes"], row["failures"])
        expect(counted[:2] == ("strict.test", "mta-sts") and counted[2] > 0 and counted[3] == 0, f"what was counted is kept: {row}")
        town.web.pages.clear()
        house.names.broken |= {"_mta-sts.strict.test", "mta-sts.strict.test"}
        house.start({"outbound.authorities": str(town.authority.file), "outbound.https_port": town.web.port})
        house.submit("c@strict.test")
        event = house.settled("c@strict.test")["c@strict.test"][-1]
        expect((event["event"], event["policy"]) == ("sent", "mta-sts"), event)
        row, = place.listing("sts", "list")
        expect((row["domain"], row["state"], row["mode"], row["mx"]) == ("strict.test", "in force", "enforce", ["*.strict.test"]),
               f"it is shown: {row}")
        place.hongyan("sts", "forget", "Strict.Test")
        expect(place.listing("sts", "list") == [], "and forgotten")
        place.hongyan("sts", "forget", "strict.test", code=67)
        expect("no policy of strict.test" in place.errors, place.errors)


def test_requiretls_finds_a_way_or_comes_back(place):
    """RFC 8689 §4.2.1."""
    with House(place) as house:
        town = Town(house)
        town.has_policy("safe.test", "*.safe.test")
        town.has_policy("unable.test", "*.unable.test")
        good = town.mail_host("safe.test", "127.3.0.21", offers=["REQUIRETLS"])
        unable = town.mail_host("unable.test", "127.3.0.22")
        unsure = town.mail_host("unsure.test", "127.3.0.23", offers=["REQUIRETLS"])
        town.open()
        recipients = ["a@safe.test", "a@unable.test", "a@unsure.test"]
        house.submit_secretly(*recipients, options=["REQUIRETLS"])
        told = {who: events[-1] for who, events in house.settled(*recipients).items()}
        expect(told["a@safe.test"]["event"] == "sent" and "REQUIRETLS" in good.taken[0][0], told)
        expect(told["a@unable.test"]["status"] == "5.7.30" and not unable.taken, told)
        expect(told["a@unsure.test"]["status"] == "5.7.10" and not unsure.taken, told)
        # RFC 8689 §5: what was to be secret is not returned.
        returned = {report.returned.get_content_type() for report in house.reports()}
        expect(returned == {"text/rfc822-headers"}, f"bounces return the header only: {returned}")
        house.submit_secretly("b@unable.test", message=b"TLS-Required: No\r\nSubject: Hello\r\n\r\nText.\r\n")
        event = house.settled("b@unable.test")["b@unable.test"][-1]
        expect((event["event"], event["policy"]) == ("sent", "tls-required-no"), event)


def test_a_host_that_cannot_prove_itself_is_followed_by_the_next(place):
    """RFC 8461 §5.1, step 2; RFC 8689 §4.2.1, steps 2 to 5 for each host."""
    with House(place) as house:
        town = Town(house)
        for domain in ("strict.test", "secret.test"):
            town.has_policy(domain, f"*.{domain}")
        wrong = town.mail_host("strict.test", "127.3.0.61", name="mail.elsewhere.test")
        right = town.mail_host("strict.test", "127.3.0.62", preference=20)
        unable = town.mail_host("secret.test", "127.3.0.63")
        able = town.mail_host("secret.test", "127.3.0.64", offers=["REQUIRETLS"], preference=20)
        town.open()
        house.submit("a@strict.test")
        house.submit_secretly("a@secret.test", options=["REQUIRETLS"])
        for recipient, told in house.settled("a@strict.test", "a@secret.test").items():
            expect([(e["event"], e["host"]) for e in told] == [("sent", f"mx20.{recipient[2:]}")], told)
        expect(wrong.connections and unable.connections, "the first is asked first")
        expect(not wrong.taken and not unable.taken and len(right.taken) == 1, "and gets nothing")
        expect("REQUIRETLS" in able.taken[0][0], able.taken)


def test_a_next_hop_that_unsigned_records_name_does_not_meet_requiretls(place):
    """RFC 8689 §4.2.1, step 2: a good certificate proves nothing for a name that anybody may have given."""
    with House(place) as house:
        town = Town(house)
        named = town.mail_host("relay.test", "127.3.0.71", offers=["REQUIRETLS"])
        certificate = town.authority.certify("itself", ("DNS", "mx.other.test"), usage="serverAuth")
        script = {"STARTTLS": tls(server_side(certificate)), "extensions": [*EXTENSIONS, "REQUIRETLS"]}
        itself = house.host("127.3.0.72", script)
        house.names.add("mx.other.test", "A", "127.3.0.72")
        town.open(settings={"outbound.routes": [f"one.test relay.test:{house.port} tls=required",
                                                f"two.test [mx.other.test]:{house.port} tls=required"]})
        house.submit_secretly("a@one.test", options=["REQUIRETLS"])
        house.submit_secretly("a@two.test", options=["REQUIRETLS"])
        told = {who: events[-1] for who, events in house.settled("a@one.test", "a@two.test").items()}
        expect((told["a@one.test"]["event"], told["a@one.test"]["status"]) == ("bounced", "5.7.10"), told)
        expect(not named.taken, "nothing is sent")
        expect(told["a@two.test"]["event"] == "sent" and "REQUIRETLS" in itself.taken[0][0], told)


def test_what_a_policy_in_testing_would_forbid_is_counted_and_reported(place):
    with House(place) as house:
        town = Town(house)
        wrong = town.mail_host("testing.test", "127.3.0.41", name="mail.elsewhere.test")
        town.has_policy("testing.test", "mx10.testing.test")
        plain = house.mail_host("plain.test", "127.3.0.42")
        silent = house.mail_host("silent.test", "127.3.0.43")
        house.names.add("_smtp._tls.testing.test", "TXT", f"v=TLSRPTv1; rua=mailto:{ANN}")
        house.names.add("_smtp._tls.plain.test", "TXT", "v=TLSRPTv1; rua=https://mta-sts.testing.test/reports")
        place.hongyan("dkim", "add", "example.test")
        place.hongyan("dkim", "rotate", "example.test", "--force")
        server = town.open("testing")
        recipients = ["a@testing.test", "a@plain.test", "a@silent.test"]
        for recipient in recipients:
            house.submit(recipient)
        told = {who: events[-1] for who, events in house.settled(*recipients).items()}
        expect(all(event["event"] == "sent" for event in told.values()), told)
        expect(told["a@testing.test"]["policy"] == "mta-sts-testing" and wrong.secure == [True], told)
        expect(plain.taken and silent.taken, "so is the rest")
        place.hongyan("report", "tls", "--send")
        server.wait_for_log("report posted")
        house.settled(ANN)
        mail, = house.mailbox()
        expect(mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "tlsrpt", mail)
        expect(mail["TLS-Report-Domain"] == "testing.test" and mail["TLS-Required"] == "No", mail)
        attached = list(mail.iter_parts())[1]
        expect(attached.get_content_type() == "application/tlsrpt+gzip", mail)
        report = json.loads(gzip.decompress(attached.get_payload(decode=True)))
        policy, = report["policies"]
        expect(policy["policy"]["policy-type"] == "sts" and policy["policy"]["policy-domain"] == "testing.test", report)
        failure, = policy["failure-details"]
        expect(failure["result-type"] == "certificate-host-mismatch", report)
        expect(failure["receiving-mx-hostname"] == "mx10.testing.test" and failure["receiving-ip"] == "127.3.0.41", report)
        (path, kind, body), = town.web.posted
        report = json.loads(gzip.decompress(body))
        expect((path, kind) == ("/reports", "application/tlsrpt+gzip"), f"posted as it should be: {path} {kind}")
        policy, = report["policies"]
        expect(policy["failure-details"][0]["result-type"] == "starttls-not-supported", report)
        expect(place.listing("report", "tls") == [], "what was reported is counted no more, nor what nobody asks for")


def test_a_bounce_keeps_requiretls_where_servers_offer_it(place):
    """RFC 8689 §5."""
    with House(place) as house:
        town = Town(house)
        for domain in ("safe.test", "unable.test"):
            town.has_policy(domain, f"*.{domain}")
        senders = town.mail_host("safe.test", "127.3.0.51", offers=["REQUIRETLS"])
        town.mail_host("unable.test", "127.3.0.52")
        place.hongyan("alias", "add", "--keep-sender", "away@example.test", "a@unable.test")
        server = town.open()
        with smtplib.SMTP("127.0.0.1", server.ports["smtp"], "client.test", PATIENCE) as client:
            context = server.trust()
            context.check_hostname = False
            client.starttls(context=context)
            house.hand_in(client, ["away@example.test"], letter(), "bob@safe.test", ["REQUIRETLS"])
        house.settled("a@unable.test", "bob@safe.test")
        (sender, recipients, text), = senders.taken
        expect(sender.startswith("MAIL FROM:<>") and "REQUIRETLS" in sender, f"the bounce: {sender}")
        expect(b"5.7.30" in text and b"text/rfc822-headers" in text, "tells why, and returns the header only")
