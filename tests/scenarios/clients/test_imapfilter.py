"""imapfilter sorts mail by rules in Lua: by Chinese subjects, senders, sizes and flags, into mailboxes with Chinese names."""
import re

from harness import expect
from clients.both_sides import Remote, on_the_wire
from clients.household import ANN, FAILS, HOST, PASSWORD, Home, serve

ACCOUNT = """
options.timeout = 20
options.charset = 'UTF-8'
options.namespace = true
options.starttls = true
options.certificates = true
options.hostnames = true
ann = IMAP {{ server = '{host}', port = {port}, username = '{ann}', password = '{password}', {ssl} }}
"""
RULES = """
mailboxes, folders = ann:list_all()
for _, name in ipairs(mailboxes) do print('mailbox', name) end
ann:create_mailbox('工作/会议')
ann:subscribe_mailbox('工作/会议')

meetings = ann.INBOX:contain_subject('会议')
print('meetings', #meetings)
meetings:mark_flagged()
meetings:move_messages(ann['工作/会议'])

invoices = ann.INBOX:contain_subject('发票') * ann.INBOX:is_unseen()
print('invoices', #invoices)
invoices:copy_messages(ann.Archive)
invoices:add_flags({ 'done' })
invoices:mark_seen()

print('to all', #ann.INBOX:match_subject('^群发'))
unwanted = ann.INBOX:match_subject('^群发') + ann.INBOX:contain_body('中奖')
unwanted:delete_messages()

total, recent, unseen = ann.INBOX:check_status()
print('left', total, unseen)
"""
LETTERS = {"会议通知：周一": "请参加。", "Re: 会议通知": "收到。", "发票 2026-03": "见附件。", "群发：促销": "买一送一。",
           "恭喜": "您已中奖。", "lunch?": "At noon."}


def letter(subject, text):
    return (f"From: 李明 <li@there.test>\r\nTo: {ANN}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").encode()


def home(place, server, service="imaps", password=PASSWORD, rules=RULES, folder="ann"):
    ann = Home(place, server, folder)
    ssl = "ssl = 'auto'" if service == "imaps" else ""
    ann.write("config.lua", ACCOUNT.format(host=HOST, port=server.ports[service], ann=ANN, password=password, ssl=ssl) + rules)
    return ann


def imapfilter(ann, *words, trust=None, **options):
    return ann.run("imapfilter", "-c", "config.lua", "-t", trust or ann.authority, *words, **options)


def fill(there):
    for subject, text in LETTERS.items():
        there.deliver("INBOX", letter(subject, text))


def expect_sorted(there):
    expect(subjects(there, "INBOX") == {"发票 2026-03": {"\\Seen", "done"}, "lunch?": set()}, "INBOX is not sorted")
    expect(subjects(there, "Archive") == {"发票 2026-03": set()}, "the invoice is not in Archive as it was")
    expect(subjects(there, "工作/会议") == {"会议通知：周一": {"\\Flagged"}, "Re: 会议通知": {"\\Flagged"}},
           "the meetings are not where they belong")


def subjects(there, mailbox):
    return {header(raw): set(flags.split()) for _, _, flags, raw in there.messages(on_the_wire(mailbox))}


def header(raw):
    return re.search(rb"(?m)^Subject: (.*?)\r?$", raw)[1].decode()


def test_imapfilter_sorts_by_chinese_subjects(place):
    server = serve(place)
    ann = home(place, server)
    with Remote(server) as there:
        fill(there)
        said = imapfilter(ann)
        for line in ("mailbox\tArchive", "meetings\t2", "invoices\t1", "to all\t1", "left\t2\t1"):
            expect(line in said.splitlines(), f"imapfilter has not printed {line}: {said}")
        expect_sorted(there)
        before = there.everything()
        ann.write("config.lua", ann.read("config.lua").decode().replace("ann:create", "-- ann:create"))
        expect("meetings\t0" in imapfilter(ann), "imapfilter finds again what it has moved")
        expect(there.everything() == before, "a second run has changed something")


def test_imapfilter_begins_tls_by_starttls(place):
    server = serve(place)
    with Remote(server) as there:
        fill(there)
    ann = home(place, server, "imap", rules="print('found', #ann.INBOX:contain_subject('会议'))")
    said = imapfilter(ann, "-d", "debug")
    expect("found\t2" in said, f"imapfilter says {said}")
    expect(b"STARTTLS" in ann.read("debug"), "imapfilter has not begun TLS")


def test_imapfilter_says_why_it_was_refused(place):
    server = serve(place)
    said = imapfilter(home(place, server, password="wrong", folder="one"), code=FAILS)
    expect("AUTHENTICATIONFAILED" in said, f"imapfilter says {said}")
    said = imapfilter(home(place, server, folder="two"), trust="/etc/ssl/certs", code=FAILS)
    expect("certificate" in said, f"imapfilter says {said}")
