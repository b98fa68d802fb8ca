"""Mail takes the way that a route names: a smart host with a log-in, a mailbox server, another one for each sender."""
import base64
import datetime
import re
import ssl

from authority import Authority
from harness import expect
from outbound.house import ANN, LI, PASSWORD, House, letter
from scripted_peer import EXTENSIONS, tls

RELAY = "relay.other.test"
USER = "me@other.test"


def relay(house, *accounts, **settings):
    """A second server of ours, with the accounts; its certificate is for RELAY."""
    for account in (USER, *accounts):
        house.place.hongyan("domain", "add", account.split("@")[1], data="relay")
        house.place.hongyan("account", "add", account, input=PASSWORD.encode(), data="relay")
    house.names.add(RELAY, "A", "127.0.0.1")
    return house.place.serve({"hostname": RELAY, "smtp.own_senders": False, **settings}, data="relay")


def secrets(house, text=f"{USER} {PASSWORD}\n", mode=0o600):
    file = house.place.folder / "data" / "secrets"
    file.write_text(text)
    file.chmod(mode)


def recipients_of(peer):
    """Of all that a scripted peer has taken."""
    return [re.search("<(.*)>", line)[1] for _, lines, _ in peer.taken for line in lines]


def arrived(house, account):
    """The only message in the inbox of an account of the relay."""
    return house.place.hongyan("message", "show", account, 1, "--raw", data="relay").decode()


def test_a_smart_host_is_logged_in_to_over_starttls_and_over_tls_from_the_first_byte(place):
    with House(place) as house:
        there = relay(house, "bob@first.test", "carl@second.test")
        secrets(house)
        house.start({"outbound.routes": [f"* [{RELAY}]:{there.ports['submission']} user={USER}",
                                         f"second.test [{RELAY}]:{there.ports['submissions']} user={USER} tls=implicit"],
                     "outbound.authorities": str(there.data / "ca.pem")})
        house.submit("bob@first.test", "carl@second.test")
        told = house.settled("bob@first.test", "carl@second.test")
        for account in told:
            event, = told[account]
            expect(event["event"] == "sent" and "TLSv1.3" in event["tls"], f"{account}: {event}")
            message = arrived(house, account)
            expect("with ESMTPSA" in message, f"with a log-in, under TLS: {message}")
        expect(PASSWORD not in house.server.log(), "no log tells a password")
        house.expect_empty_queue()


def bearer(mechanism, token):
    """At the stage "AUTH": a provider that knows one token, and says why it wants no other (RFC 7628 §3.2.3)."""
    def say(conversation):
        verb, said, response = conversation.peer.heard[-1].split()
        fields = base64.b64decode(response).decode().split("\1")
        good = said == mechanism and f"auth=Bearer {token}" in fields and any(USER in field for field in fields)
        if not good:
            conversation.send(b"334 " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
            conversation.peer.heard.append(conversation.line().decode())
        conversation.send(b"235 2.7.0 Welcome\r\n" if good else b"535 5.7.8 Expired\r\n")
        return "235" if good else "535"
    return say


def test_a_provider_is_shown_a_token_which_is_read_anew_each_time(place):
    """XOAUTH2 as Gmail and Outlook have it, and OAUTHBEARER (RFC 7628)."""
    with House(place) as house:
        names = {"XOAUTH2": RELAY, "OAUTHBEARER": f"newer.{RELAY}"}
        authority = Authority(place, "authority")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = authority.certify("relay", *(("DNS", name) for name in names.values()), usage="serverAuth")
        context.load_cert_chain(certificate)
        peers, routes = [], []
        token = house.place.folder / "data" / "token"
        token.write_text("stale-token\n")
        token.chmod(0o600)
        for number, (mechanism, name) in enumerate(names.items(), 1):
            house.names.add(name, "A", f"127.3.0.{number}")
            script = {"STARTTLS": tls(context), "extensions": [*EXTENSIONS, f"AUTH {mechanism}"],
                      "AUTH": bearer(mechanism, "fresh-token")}
            peers.append(house.host(f"127.3.0.{number}", script))
            routes.append(f"{mechanism.lower()}.test [{name}]:{house.port} tls=required user={USER} token={token}")
        house.start({"outbound.routes": routes, "outbound.authorities": str(authority.file)})
        recipients = [f"a@{mechanism.lower()}.test" for mechanism in names]
        for recipient in recipients:
            house.submit(recipient)
        for recipient in recipients:
            reply = house.deferred(recipient)["reply"]
            expect("535 5.7.8 Expired" in reply, reply)
        token.write_text("fresh-token\n")
        for recipient, told in house.settled(*recipients).items():
            expect(told[-1]["event"] == "sent" and told[-1]["tls"].startswith("TLSv1.3"), f"{recipient}: {told}")
        expect(all(len(peer.taken) == 1 and peer.secure == [True] for peer in peers), "over TLS, once")
        expect("-token" not in house.server.log(), "no log tells a token")


def test_what_is_wrong_with_a_route_is_told_and_the_mail_waits(place):
    with House(place) as house:
        there = relay(house, "bob@first.test", "carl@second.test", "dora@third.test")
        house.names.add("elsewhere.test", "A", "127.0.0.1")  # of which the certificate knows nothing
        plain = house.host("127.3.0.1")
        submission = there.ports["submission"]
        routes = [f"first.test [{RELAY}]:{submission} user={USER}",
                  f"second.test [{RELAY}]:{submission} user=nobody@other.test",
                  f"third.test [elsewhere.test]:{submission} user={USER}",
                  f"fourth.test [127.3.0.1]:{house.port} tls=required"]
        secrets(house, f"{USER} wrong\n")
        house.start({"outbound.routes": routes, "outbound.authorities": str(there.data / "ca.pem")})
        house.submit("bob@first.test", "carl@second.test", "dora@third.test", "emil@fourth.test")
        expected = {"bob@first.test": ("535", f"see the secret of {USER}"),
                    "carl@second.test": ("no line for nobody@other.test",),
                    "dora@third.test": ("certificate",),
                    "emil@fourth.test": ("TLS is demanded, and the peer does not offer it",)}
        for recipient, texts in expected.items():
            reply = house.deferred(recipient)["reply"]
            expect(all(text in reply for text in texts), f"{recipient}: {reply}")
        expect(not plain.taken, "nothing goes in plain text")
        secrets(house, f"{USER} {PASSWORD}\n", 0o644)
        times = len(house.events("bob@first.test"))
        expect("chmod 600" in house.deferred("bob@first.test", times + 2)["reply"], "others may not read secrets")
        secrets(house)
        house.settled("bob@first.test")
        expect("with ESMTPSA" in arrived(house, "bob@first.test"), "with the right secret it goes")


def test_senders_have_ways_of_their_own(place):
    with House(place) as house:
        for_li, for_all, direct = (house.host(f"127.3.0.{number}") for number in (2, 3, 4))
        house.names.add("kept.test", "A", "127.3.0.4")
        house.start({"outbound.routes": [f"from:{LI} [127.3.0.2]:{house.port}", f"* [127.3.0.3]:{house.port}",
                                         "kept.test direct"]})
        for number in range(3):
            house.submit(f"a{number}@far.test")
            house.submit(f"l{number}@far.test", sender=LI)
            house.submit(f"k{number}@kept.test", sender=LI)
        house.settled(*(f"{who}{number}@{'kept' if who == 'k' else 'far'}.test" for number in range(3) for who in "alk"))
        for peer, who, sender in ((for_li, "l", LI), (for_all, "a", ANN), (direct, "k", LI)):
            got = sorted(recipients_of(peer))
            domain = "kept" if who == "k" else "far"
            expect(got == [f"{who}{number}@{domain}.test" for number in range(3)], f"of {sender}: {got}")
        house.expect_empty_queue()


def test_a_mailbox_server_gets_mail_by_lmtp_over_a_socket(place):
    with House(place) as house:
        socket = place.folder / "lmtp"
        relay(house, "bob@first.test", **{"listen.lmtp": [f"unix:{socket}"]})
        house.start({"outbound.routes": [f"first.test lmtp:unix:{socket}"]})
        house.submit("bob@first.test", "nobody@first.test")
        told = house.settled("bob@first.test", "nobody@first.test")
        expect([event["event"] for event in told["bob@first.test"]] == ["sent"], told)
        expect([event["event"] for event in told["nobody@first.test"]] == ["bounced"], told)
        expect("with LMTP" in arrived(house, "bob@first.test"), "by LMTP")


def test_a_domain_is_given_so_many_a_minute_and_others_do_not_wait_for_it(place):
    with House(place) as house:
        slow = house.mail_host("slow.test", "127.3.0.6")
        other = house.mail_host("other.test", "127.3.0.7")
        house.start({"outbound.limits": ["slow.test messages=120 connections=1"], "outbound.idle": "1min"})
        # Twelve pass at once, the others take half a second each: longer than they take to come.
        recipients = [f"a{number}@slow.test" for number in range(18)]
        house.hand_in_each(*((recipient, letter()) for recipient in (*recipients, "b@other.test")))
        told = house.settled("b@other.test", *recipients)
        times = sorted(told[recipient][-1]["time"] for recipient in recipients)
        first, last = (datetime.datetime.fromisoformat(time.rstrip("Z")) for time in (times[0], times[-1]))
        expect(slow.connections == 1, f"messages share the connection: {slow.connections}")
        expect((last - first).total_seconds() > 1, f"the last ones waited: {times}")
        expect(told["b@other.test"][-1]["time"] < times[-1] and len(other.taken) == 1, told["b@other.test"])


def test_more_than_a_minute_bears_goes_over_one_connection_as_soon_as_it_may(place):
    with House(place) as house:
        slow = house.mail_host("slow.test", "127.3.0.6")
        recipients = [f"a{number}@slow.test" for number in range(75)]
        house.let_wait(*((recipient, letter()) for recipient in recipients))
        # Sixty pass at once, the others take a tenth of a second each; many more wait than are read at a time.
        house.start({"outbound.limits": ["slow.test messages=600 connections=1"], "outbound.idle": "5min"})
        told = house.settled(*recipients)
        times = sorted(datetime.datetime.fromisoformat(told[who][-1]["time"].rstrip("Z")) for who in recipients)
        expect(slow.connections == 1 and len(slow.taken) == 75, f"{len(slow.taken)} over {slow.connections}")
        expect(1 < (times[-1] - times[0]).total_seconds() < 30, f"nobody waits longer than he must: {times}")


def test_one_message_after_the_other_goes_where_few_are_taken(place):
    with House(place) as house:
        slow = house.host("127.3.0.5")
        house.start({"outbound.routes": [f"* [127.3.0.5]:{house.port} messages=120 connections=1"], "outbound.idle": "1min"})
        # Twelve pass at once, the others take half a second each.
        recipients = [f"a{number}@d{number}.test" for number in range(18)]
        house.hand_in_each(*((recipient, letter()) for recipient in recipients))
        house.settled(*recipients)
        times = sorted(datetime.datetime.fromisoformat(event["time"].rstrip("Z")) for event in house.events())
        expect(slow.connections == 1, f"domains share the connection: {slow.connections}")
        expect((times[-1] - times[0]).total_seconds() > 1, f"the last ones waited: {times}")
