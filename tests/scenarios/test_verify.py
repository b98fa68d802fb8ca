"""Who sent this? The commands that judge mail, without a server, against names on loopback."""
import json

from harness import expect
from name_server import NameServer


def judge(place, names, *words, **options):
    """The lines that the command prints."""
    host, port = names.address.split("@")
    return place.hongyan(*words, "--resolver", f"{host}:{port}", **options).decode().splitlines()


def test_spf_says_the_verdict_first_and_the_domains_words_next(place):
    with NameServer() as names:
        names.add("example.com", "TXT", "v=spf1 ip4:192.0.2.0/28 exp=why.example.com -all")
        names.add("why.example.com", "TXT", "%{i} is none of %{d}'s")
        names.add("helo.example.com", "TXT", "v=spf1 a ~all")
        names.add("helo.example.com", "A", "192.0.2.9")
        names.add("broken.example.com", "TXT", "v=spf1 ip4:nonsense -all")
        names.broken.add("down.example.com")
        check = ["spf", "check", "--helo", "helo.example.com"]
        lines = judge(place, names, *check, "--ip", "192.0.2.77", "--mail-from", "ann@example.com")
        expect(lines == ["fail 192.0.2.77 may not send for example.com (-all)", "192.0.2.77 is none of example.com's"],
               lines)
        rows = [("192.0.2.1", "<ann@example.com>", "pass"), ("192.0.2.9", "", "pass"), ("2001:db8::1", "", "softfail"),
                ("192.0.2.1", "ann@nowhere.example.com", "none"), ("192.0.2.1", "ann@broken.example.com", "permerror"),
                ("192.0.2.1", "ann@down.example.com", "temperror")]
        for address, sender, verdict in rows:
            lines = judge(place, names, *check, "--ip", address, "--mail-from", sender)
            expect(lines[0].split()[0] == verdict and len(lines) == 1, (sender, lines))
        found = json.loads(judge(place, names, *check, "--ip", "192.0.2.1", "--mail-from", "a@example.com", "--json")[0])
        expect(found["result"] == "pass" and found["mechanism"] == "ip4:192.0.2.0/28", found)
    place.hongyan(*check, "--ip", "nonsense", code=65)
    place.hongyan(*check, "--ip", "192.0.2.1", "--resolver", "nowhere", code=65)
    place.hongyan("spf", "check", code=64)
