"""imapflow, the library with which programs in JavaScript read mail: lists, fetches, idles, moves, in folders with Chinese names."""
import json

from harness import expect
from clients.both_sides import Remote
from clients.household import ANN, HOST, PASSWORD, Home, node, serve

SUBJECTS = ("会议通知", "lunch", "unwanted")


def letter(subject):
    return (f"From: li@there.test\r\nTo: {ANN}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n请准时参加。\r\n").encode()


def use(place, service):
    server = serve(place)
    ann = Home(place, server, "ann")
    with Remote(server) as there:
        for subject in SUBJECTS:
            there.deliver("INBOX", letter(subject))
    wanted = {"host": HOST, "port": server.ports[service], "secure": service == "imaps", "user": ANN, "pass": PASSWORD,
              "ca": ann.authority.read_text()}
    return json.loads(node(ann, "imapflow.js", json.dumps(wanted)))


def expect_all_well(told):
    expect(told["id"]["name"] == "Hongyan", f"the server is {told['id']}")
    folders = dict(told["folders"])
    expect(folders.get("归档/二〇二六") == "" and folders.get("Sent") == "\\Sent", f"there are {folders}")
    expect(told["first"] == {"subject": SUBJECTS[0], "type": "text/plain", "header": f"Subject: {SUBJECTS[0]}\r\n\r\n"},
           f"the first message is {told['first']}")
    expect(told["text"] == "请准时参加。\r\n", f"its text is {told['text']!r}")
    expect(told["found"] == [1] and told["unseen"] == 3, f"found {told['found']}, unseen {told['unseen']}")
    expect(told["exists"] == 2 and told["changed"], f"news: {told['exists']} messages, {told['changed']}")
    expect(told["inbox"] == {SUBJECTS[0]: "\\Flagged", "news": ""}, f"INBOX has {told['inbox']}")
    expect(told["archive"] == {"lunch": ""}, f"Archive has {told['archive']}")
    expect(told["folder"] == {SUBJECTS[0]: "\\Flagged", "appended": "\\Seen work"}, f"the folder has {told['folder']}")


def test_imapflow_reads_and_changes_mail_over_implicit_tls(place):
    expect_all_well(use(place, "imaps"))


def test_imapflow_reads_and_changes_mail_over_starttls(place):
    expect_all_well(use(place, "imap"))
