#!/usr/bin/env python3
"""Plays a piece of the domain name system on loopback and runs the tests of the resolver against it.

    run.py PROGRAM [ARGUMENT...]

Makes the zones signed.test and bogus.test (signed), plain.test and example.net (not signed), and serves them by nsd
on a free port.
PROGRAM finds the port in HONGYAN_DNS_SERVER (127.0.0.1@PORT) and the trust anchors in HONGYAN_DNS_ANCHORS; the
one of bogus.test is not the key it is signed with. Its exit code is ours.
"""
import os
import subprocess
import sys

sys.dont_write_bytecode = True

from signed_zones import served  # noqa: E402

DIGEST = "00112233445566778899aabbccddeeff" * 2
ZONES = {
    "signed.test": f"""
@ IN MX 20 mx2
@ IN MX 10 mx1
@ IN TXT "v=spf1 " "-all"
mx1 IN A 192.0.2.1
mx1 IN AAAA 2001:db8::1
_25._tcp.mx1 IN TLSA 3 1 1 {DIGEST}
mx2 IN A 192.0.2.2
null IN MX 0 .
alias IN CNAME mx1
to-plain IN CNAME host.plain.test.
_25._tcp.to-plain IN TLSA 3 1 1 {DIGEST}
hostonly IN A 192.0.2.3
""",
    "bogus.test": """
@ IN MX 10 mx
mx IN A 192.0.2.4
""",
    "plain.test": f"""
@ IN MX 10 host
@ IN MX 10 alias
host IN A 192.0.2.5
alias IN CNAME host
_25._tcp.host IN TLSA 3 1 1 {DIGEST}
""",
    "example.net": """
@ IN MX 10 mail
@ IN TXT "v=spf1 mx -all"
@ IN A 192.0.2.10
@ IN AAAA 2001:db8::10
mail IN A 192.0.2.11
""",
}


def main():
    with served(ZONES, unsigned={"plain.test", "example.net"}, mistrusted={"bogus.test"}) as (port, anchors):
        told = {"HONGYAN_DNS_SERVER": f"127.0.0.1@{port}", "HONGYAN_DNS_ANCHORS": str(anchors)}
        return subprocess.run(sys.argv[1:], env={**os.environ, **told}, timeout=60, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
