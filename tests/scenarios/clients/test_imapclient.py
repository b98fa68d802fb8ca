"""Perl's Mail::IMAPClient, with IO::Socket::SSL: nearly all that it can do (imapclient.pl)."""
import pathlib

from harness import expect
from clients.household import ANN, PASSWORD, Home, serve

SCRIPT = pathlib.Path(__file__).with_name("imapclient.pl")


def imapclient(ann, way="ssl", authority=None, password=PASSWORD, **options):
    port = ann.server.ports["imaps" if way == "ssl" else "imap"]
    return ann.run("perl", SCRIPT, port, way, authority or ann.authority, ACCOUNT=ANN, PASSWORD=password, **options)


def expect_all_well(said):
    """A line for each thing that was tried, and last their number."""
    wrong = [line for line in said.splitlines() if not line.startswith("ok ")]
    expect(len(wrong) == 1 and wrong[0].startswith("1.."), "what went wrong:\n" + "\n".join(wrong))


def test_imapclient_does_all_that_it_can(place):
    ann = Home(place, serve(place), "ann")
    expect_all_well(imapclient(ann, code=range(256)))


def test_imapclient_begins_tls_by_starttls(place):
    ann = Home(place, serve(place), "ann")
    expect_all_well(imapclient(ann, "starttls", code=range(256)))


def test_imapclient_says_why_it_was_refused(place):
    ann = Home(place, serve(place), "ann")
    for wrong, reason in (({"password": "wrong"}, "AUTHENTICATIONFAILED"),
                          ({"authority": "/etc/ssl/certs/ca-certificates.crt"}, "certificate verify failed")):
        said = imapclient(ann, code=range(1, 256), **wrong)
        expect(reason in said, f"imapclient says {said}")
