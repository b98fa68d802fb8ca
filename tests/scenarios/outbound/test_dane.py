"""Hosts whose domains say by signed TLSA records how their certificates must be (DANE, RFC 7672)."""
import hashlib
import ssl
import subprocess

from authority import Authority
from harness import PATIENCE, expect
from outbound.house import House
from scripted_peer import tls
from signed_zones import served

SIGNED = ("good", "past", "wrong", "bare", "changing")


def digest_of_key(file):
    """For "3 1 1" (RFC 6698 §2.1)."""
    def openssl(*words, given=None):
        return subprocess.run(["openssl", *words], input=given, capture_output=True, timeout=PATIENCE, check=True).stdout

    key = openssl("x509", "-in", file, "-noout", "-pubkey")
    return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", given=key)).hexdigest()


def context_of(file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def zone_of(port, digests):
    zone = ""
    for number, (name, digest) in enumerate(digests.items(), 1):
        zone += f"{name} MX 10 mx.{name}\nmx.{name} A 127.5.0.{number}\n_{port}._tcp.mx.{name} TLSA 3 1 1 {digest}\n"
    return zone


def test_mail_goes_only_to_hosts_that_fit_their_tlsa_records(place):
    with House(place) as house:
        authority = Authority(place, "authority")
        good = authority.certify("good", ("DNS", "unrelated.test"), usage="serverAuth")
        past = authority.certify_for_yesterday("past")
        other = authority.certify("other", ("DNS", "mx.wrong.signed.test"), usage="serverAuth")
        house.listen("127.5.0.9").close()  # so that the port is chosen
        digests = {"good": good, "past": past, "wrong": good, "bare": good, "changing": good}
        zone = zone_of(house.port, {name: digest_of_key(file) for name, file in digests.items()})
        bogus = "@ MX 10 mx\nmx A 127.5.0.6\n"
        with_tls = {name: {"STARTTLS": tls(context_of(file))} for name, file in
                    {"good": good, "past": past, "wrong": other}.items()}
        scripts = {"good": [with_tls["good"]], "past": [with_tls["past"]], "wrong": [with_tls["wrong"]], "bare": [{}],
                   "changing": [with_tls["wrong"], with_tls["good"]], "bogus": [{}]}
        peers = {name: house.host(f"127.5.0.{n}", *script) for n, (name, script) in enumerate(scripts.items(), 1)}
        with served({"signed.test": zone, "bogus.test": bogus}, mistrusted={"bogus.test"}) as (port, anchors):
            house.start({"dns.servers": [f"127.0.0.1@{port}"], "dns.trust_anchor": str(anchors)})
            recipients = {name: f"a@{name}.signed.test" for name in SIGNED} | {"bogus": "a@bogus.test"}
            for recipient in recipients.values():
                house.submit(recipient)
            # RFC 7672 §3.1.1: neither names nor dates count where the domain names the key itself.
            told = house.settled(*(recipients[name] for name in ("good", "past", "changing")))
            expect([e["event"] for e in told[recipients["changing"]]] == ["deferred", "sent"], "once it fits, it goes")
            for name in ("good", "past", "changing"):
                expect(peers[name].secure == [True], f"{name}: by TLS, once: {peers[name].secure}")
                expect(told[recipients[name]][-1]["policy"] == "dane", f"{name}: {told[recipients[name]]}")
                # RFC 7672 §8.1: the TLSA base domain.
                expect(set(peers[name].called) == {f"mx.{name}.signed.test"}, f"{name}: {peers[name].called}")
            for name, status in (("wrong", "4.7.5"), ("bare", "4.7.10"), ("bogus", "4.4.3")):
                event = house.deferred(recipients[name], times=2)
                expect(event["status"].startswith(status), f"{name}: {event}")
                expect(peers[name].taken == [], f"{name}: it waits: {peers[name].taken}")
            reply = house.deferred(recipients["wrong"])["reply"]
            expect("TLSA" in reply and "DANE: mx.wrong.signed.test" in reply, f"it is explained: {reply}")
