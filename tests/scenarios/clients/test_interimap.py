"""interimap keeps two servers the same by QRESYNC, with OpenSSL: nothing is looked at but what has changed."""
from harness import expect
from clients.both_sides import Remote, synchronise
from clients.household import ANN, FAILS, HOST, PASSWORD, Home, mails, serve

SETTINGS = """
database = {folder}/ann.db
compress = NO

[local]
{local}

[remote]
{remote}
"""
SERVER = """type = {way}
host = {host}
port = {port}
username = {ann}
password = {password}
SSL_CAfile = {authority}
"""


def described(server, way="imaps", password=PASSWORD, authority=None):
    return SERVER.format(way=way, host=HOST, port=server.ports[way], ann=ANN, password=password,
                         authority=authority or server.data / "ca.pem")


def home(place, server, local, remote):
    ann = Home(place, server, "ann")
    ann.write("config", SETTINGS.format(folder=ann.folder, local=local, remote=remote))
    return ann


def interimap(ann, *words, **options):
    return ann.run("interimap", f"--config={ann.folder}/config", *words, **options)


def serve_two(place):
    """Two servers at which Ann has accounts."""
    other = "other"
    (place.folder / other).mkdir(mode=0o700)
    place.hongyan("domain", "add", "example.test", data=other)
    place.hongyan("account", "add", ANN, data=other, input=PASSWORD.encode() + b"\n")
    return serve(place), place.serve(data=other)


def changes(said):
    """The flags of what a run has copied are set once more by the next, to what they are: that changes nothing."""
    return [line for line in said.splitlines() if ": C: " in line and any(w in line for w in ("APPEND", "EXPUNGE", "CREATE"))]


def test_interimap_keeps_two_servers_the_same(place):
    remote, local = serve_two(place)
    ann = home(place, remote, described(local, "imap"), described(remote, "imaps"))
    with Remote(remote) as there, Remote(local) as here:
        busy, idle = synchronise(there, here, lambda: interimap(ann, "--debug"),
                                 lambda: (mails(place, ANN), place.listing("message", "list", ANN, data="other")))
    expect("(QRESYNC (" in busy and "VANISHED" in busy, f"interimap has not used QRESYNC: {busy}")
    expect(changes(busy), f"interimap does not show its commands: {busy}")
    expect("ENABLE QRESYNC" in idle and not changes(idle), f"interimap has changed something: {idle}")


def test_interimap_says_why_it_was_refused(place):
    server = serve(place)
    good = described(server)
    for wrong, reason in ((described(server, password="wrong"), "AUTHENTICATIONFAILED"),
                          (described(server, authority="/etc/ssl/certs/ca-certificates.crt"), "preverify=0")):
        folder = Home(place, server, f"ann{len(reason)}")
        folder.write("config", SETTINGS.format(folder=folder.folder, local=good, remote=wrong))
        said = interimap(folder, "--debug", code=FAILS)
        expect(reason in said, f"interimap says {said}")
