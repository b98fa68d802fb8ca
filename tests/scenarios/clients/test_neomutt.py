"""NeoMutt sends from the command line, and reads in a terminal what it is told to by `push`; with GnuTLS."""
from urllib.parse import quote

from harness import expect
from clients.household import (ANN, BOB, FAILS, FAR, FILE, FILE_NAME, HOST, PASSWORD, SUBJECT, TEXT, Home,
                               expect_nothing_sent, expect_the_letter, find, mails, raw, serve)
from clients.terminal import Terminal

# Which mechanism NeoMutt may use by SMTP and POP3 must be said: left alone it chooses SCRAM-SHA-256-PLUS, for which it
# does not tell GNU SASL the channel's binding. By IMAP it then tries the next.
SETTINGS = """
set from={ann} use_envelope_from hostname=client.test send_charset=utf-8
set ssl_ca_certificates_file={authority} certificate_file={folder}/trusted ssl_force_tls ssl_starttls=yes
set imap_pass="{password}" pop_pass="{password}"
set smtp_authenticators=plain pop_authenticators=user
set record="" copy=no tmpdir={folder} folder={folder}
set wait_key=no quit=yes delete=yes sleep_time=0 pipe_decode=no
"""


def home(place, server, person):
    made = Home(place, server, person)
    settings = SETTINGS.format(ann=ANN, authority=made.authority, folder=made.folder, password=PASSWORD)
    made.write("neomuttrc", settings)
    return made


def command(home):
    return find("neomutt"), "-n", "-F", home.folder / "neomuttrc"


def place_of(server, protocol, service, user, password=PASSWORD):
    return f"{protocol}://{quote(user)}:{quote(password)}@{HOST}:{server.ports[service]}"


def send(ann, through, settings="", to=BOB, **options):
    ann.write(FILE_NAME, FILE)
    return ann.run(*command(ann), "-e", f"set smtp_url={through} {settings}", "-s", SUBJECT, "-a", FILE_NAME, "--", to,
                   input=TEXT + "\n", **options)


def test_neomutt_sends_and_reads(place):
    server = serve(place)
    ann, bob = home(place, server, "ann"), home(place, server, "bob")
    for mechanism in ("plain", "login"):
        send(ann, place_of(server, "smtps", "submissions", ANN), f"smtp_authenticators={mechanism}")
        send(ann, place_of(server, "smtp", "submission", ANN), f"smtp_authenticators={mechanism}")
    expect_the_letter(place, server, copies=4)
    for protocol, service, pattern in (("imaps", "imaps", f"=b {TEXT[8:12]}"), ("imap", "imap", f"~s {SUBJECT[:4]}"),
                                       ("pops", "pop3s", f"~s {SUBJECT[:4]}"), ("pop", "pop3", f"~s {SUBJECT[:4]}")):
        sent = [raw(place, BOB, row["uid"]) for row in mails(place, BOB)]
        keys = (f"<limit>{pattern}<enter><pipe-message>cat >letter<enter><view-attachments><last-entry><save-entry>"
                "<enter><exit><delete-message><sync-mailbox><quit>")
        box = place_of(server, protocol, service, BOB)
        with Terminal(bob, *command(bob), "-f", box, "-e", f'push "{keys}"') as terminal:
            expect(terminal.ends() == 0, f"neomutt says {terminal.text()}")
        expect(bob.read("letter") == sent[0].replace(b"\r\n", b"\n"), f"by {protocol} neomutt reads another letter")
        expect(bob.read(FILE_NAME) == FILE, f"by {protocol} neomutt saves another attachment")
        expect(len(mails(place, BOB)) == len(sent) - 1, f"by {protocol} neomutt did not delete the letter")
        for name in ("letter", FILE_NAME):
            (bob.folder / name).unlink()


def test_neomutt_says_why_nothing_was_sent(place):
    server = serve(place)
    ann = home(place, server, "ann")
    port = server.ports
    good, wrong = (place_of(server, "smtps", "submissions", ANN, word) for word in (PASSWORD, "wrong"))
    for through, settings, to, reason in (
            (f"smtp://{HOST}:{port['smtp']}", "", FAR, "550 5.7.1"),
            (f"smtp://{HOST}:{port['submission']}", "", BOB, "530 5.7.0"),
            (wrong, "", BOB, "SASL authentication failed"),
            (good, "ssl_ca_certificates_file=/etc/ssl/certs/ca-certificates.crt", BOB, "")):
        said = send(ann, through, settings, to=to, code=FAILS)
        expect(reason in said, f"neomutt says {said}")
    expect_nothing_sent(place)
