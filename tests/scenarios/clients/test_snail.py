"""s-nail (mailx): mail is sent from the command line, and read and removed by IMAP and POP3, with OpenSSL."""
from urllib.parse import quote

from harness import expect
from clients.household import (ANN, ANY, BOB, FAILS, FAR, FILE, FILE_NAME, HOST, PASSWORD, SUBJECT, TEXT, Home,
                               expect_nothing_sent, expect_the_letter, mails, serve)

SETTINGS = """
set v15-compat ttycharset=utf-8 sendcharsets=utf-8
set from={ann} hostname=example.test
set tls-ca-no-defaults tls-ca-file={authority} tls-verify=strict
set smtp-use-starttls imap-use-starttls pop3-use-starttls
set DEAD={folder}/dead.letter
"""


def home(place, server, person):
    made = Home(place, server, person)
    made.write("mailrc", SETTINGS.format(ann=ANN, authority=made.authority, folder=made.folder))
    made.write(FILE_NAME, FILE)
    return made


def mailx(home, *words, **options):
    """s-nail reads no settings but ours, whoever runs it."""
    return home.run("s-nail", "-n", *words, MAILRC=str(home.folder / "mailrc"), **options)


def place_of(server, protocol, service, user, password=PASSWORD):
    return f"{protocol}://{quote(user)}:{quote(password)}@{HOST}:{server.ports[service]}"


def send(ann, through, *words, to=BOB, **options):
    return mailx(ann, "-S", f"mta={through}", *words, "-s", SUBJECT, "-a", FILE_NAME, to, input=TEXT + "\n", **options)


def read(bob, protocol, *commands, password=PASSWORD, **options):
    box = place_of(bob.server, protocol, protocol, BOB, password)
    return mailx(bob, "-#", "-f", box, input="\n".join(commands) + "\n", **options)


def test_snail_sends_a_letter_and_reads_it_by_imap_and_pop3(place):
    server = serve(place, recoverable=True)
    ann, bob = home(place, server, "ann"), home(place, server, "bob")
    for service, mechanism in (("submissions", "plain"), ("submission", "login"), ("submission", "cram-md5")):
        send(ann, place_of(server, service, service, ANN), "-S", f"smtp-auth={mechanism}")
    expect_the_letter(place, server, copies=3)
    for protocol, left in (("imaps", 2), ("pop3", 1)):
        (bob.folder / FILE_NAME).unlink()
        search = f"search '(subject \"{SUBJECT[:4]}\")'"
        said = read(bob, protocol, search, "type 1", "write 1", "", "", "delete 1", "quit")
        expect(SUBJECT in said and TEXT in said, f"s-nail shows {said}")
        expect(bob.read(FILE_NAME) == FILE, "s-nail wrote another attachment")
        expect(len(mails(place, BOB)) == left, "what s-nail deleted is still there")


def test_snail_says_why_it_was_refused(place):
    server = serve(place)
    ann = home(place, server, "ann")
    port = server.ports
    good, wrong = (place_of(server, "submissions", "submissions", ANN, word) for word in (PASSWORD, "wrong"))
    nobody = ("-S", "smtp-auth=none")
    for through, words, to, reason in (
            (f"smtp://{HOST}:{port['smtp']}", nobody, FAR, "550 5.7.1"),
            (f"submission://{HOST}:{port['submission']}", nobody, BOB, "530 5.7.0"),
            (wrong, (), BOB, "535 5.7.8"),
            (good, ("-S", "tls-ca-file=/etc/ssl/certs/ca-certificates.crt"), BOB, "certificate verify failed")):
        said = send(ann, through, *words, to=to, code=FAILS)
        expect(reason in said, f"s-nail says {said}")
    expect_nothing_sent(place)
    for protocol, reason in (("imaps", "AUTHENTICATIONFAILED"), ("pop3s", "-ERR [AUTH]")):
        said = read(ann, protocol, "quit", password="wrong", code=ANY)
        expect(reason in said, f"s-nail says {said}")
