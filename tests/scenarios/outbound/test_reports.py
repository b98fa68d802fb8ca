"""Reports of DMARC go out, and those of others come in."""
import email
import email.policy
import gzip
import json
import signal
import smtplib
import xml.etree.ElementTree

from harness import HOSTNAME, PATIENCE, expect
from outbound.house import ANN, House
from name_server import NameServer
from test_verify import debian_module, judge, python_dkim

FORGED = (b"From: Ann <ann@there.test>\r\nTo: ann@example.test\r\nSubject: Pay\r\nMessage-ID: <pay%d@there.test>\r\n\r\n"
          b"Secret words\r\n")
TLS = {"organization-name": "There", "contact-info": "r@there.test", "report-id": "t1",
       "date-range": {"start-datetime": "2026-11-21T00:00:00Z", "end-datetime": "2099-11-21T23:59:59Z"},
       "policies": [{"policy": {"policy-type": "sts", "policy-domain": "example.test", "policy-string": [], "mx-host": []},
                     "summary": {"total-successful-session-count": 7, "total-failure-session-count": 2},
                     "failure-details": [{"result-type": "certificate-expired", "failed-session-count": 2,
                                          "sending-mta-ip": "192.0.2.1", "receiving-mx-hostname": "mx.example.test"}]}]}

REPORTER = "there.example"


def send(house, sender, message, recipient=ANN):
    """What our server says of it, by the code."""
    with smtplib.SMTP("127.0.0.1", house.server.ports["smtp"], HOSTNAME, PATIENCE) as client:
        try:
            client.sendmail(sender, [recipient], message)
            return 250
        except smtplib.SMTPDataError as refusal:
            return refusal.smtp_code


def parsed(peer):
    """The messages that a host has taken."""
    return [email.message_from_bytes(message, policy=email.policy.default) for _, _, message in peer.taken]


def xml_in(mail):
    expect(mail.get_content_type() == "multipart/mixed", mail)
    words, attached = mail.iter_parts()
    expect(words.get_content_type() == "text/plain", mail)
    expect(attached.get_content_type() == "application/gzip", mail)
    root = xml.etree.ElementTree.fromstring(gzip.decompress(attached.get_payload(decode=True)))
    return attached.get_filename(), root


def tls_mail():
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"r@{REPORTER}", ANN, "Report Domain: example.test"
    mail.set_content("A report")
    mail.add_attachment(gzip.compress(json.dumps(TLS).encode()), maintype="application", subtype="tlsrpt+gzip",
                        filename="there!example.test!1!2.json.gz")
    mail.set_type("multipart/report")
    mail.set_param("report-type", "tlsrpt")
    return mail.as_bytes(policy=email.policy.SMTP)


def signed(place, names, message):
    """With a key that is good for reports of TLS only."""
    file = place.folder / "t.pem"
    if not file.exists():
        made = json.loads(place.hongyan("dkim", "make", REPORTER, "t", file, "--type", "ed25519", "--json"))
        names.add(made["name"], "TXT", made["record"] + "; s=tlsrpt")
    return place.hongyan("dkim", "sign", REPORTER, "t", file, input=message)


def test_a_day_of_forged_mail_is_reported_and_the_report_read(place):
    with House(place) as house:
        there = house.mail_host("there.test", "127.3.1.11")
        agreed = house.mail_host("agreed.test", "127.3.1.12")
        victim = house.mail_host("victim.test", "127.3.1.13")
        house.names.add("there.test", "TXT", "v=spf1 -all")
        house.names.add("_dmarc.there.test", "TXT", "v=DMARC1; p=reject; rua=mailto:r@there.test,mailto:r@agreed.test!10m,"
                        "mailto:r@victim.test; ruf=mailto:single@there.test")
        house.names.add("there.test._report._dmarc.agreed.test", "TXT", "v=DMARC1")
        place.hongyan("dkim", "add", "example.test")
        place.hongyan("dkim", "rotate", "example.test", "--force")
        settings = {"verify.exempt": [], "reports.addresses": [ANN], "reports.failures": 5}
        server = house.start(settings)
        place.hongyan("account", "add", "bob@example.test", input=b"correct horse\n")
        for number in (1, 2):
            expect(send(house, "eve@there.test", FORGED % number, "bob@example.test") == 550, "it is refused")
        expect(send(house, "eve@there.test", FORGED % 3) == 550, "so is what is for the reports' address only")
        server.wait_for_log("not kept", 3)

        # Counted when the refusal has been said; a report of a single message goes into the store with the count, or next.
        row, = place.listing_when(lambda rows: rows and rows[0]["messages"] == 2, "report", "pending")
        expect((row["domain"], row["messages"], row["rows"], row["left_out"]) == ("there.test", 2, 1, 0), row)
        server.kill(signal.SIGKILL)
        server.wait()
        server = house.start(settings)
        expect(place.listing("report", "pending") == [row], "what was counted outlives a crash")
        place.hongyan("report", "send", "--now", "--domain", "there.test")
        house.settled("r@there.test", "r@agreed.test", "single@there.test", "single@there.test")
        expect(not victim.taken, "who has not agreed gets nothing")
        expect(place.listing("report", "pending")[0]["messages"] == 0, "what was told is counted no more")

        mail, = parsed(agreed)
        expect(mail["From"] == "postmaster@example.test" and mail["Auto-Submitted"] == "auto-generated", mail)
        expect(len(mail.get_all("DKIM-Signature")) == 2, "it is signed")
        expect(agreed.taken[0][0].startswith("MAIL FROM:<>"), agreed.taken[0][0])
        name, root = xml_in(mail)
        expect(root.tag == "feedback" and root.findtext("version") == "1.0", root)
        begin, end = root.findtext("report_metadata/date_range/begin"), root.findtext("report_metadata/date_range/end")
        expect(name.startswith(f"example.test!there.test!{begin}!{end}!") and name.endswith(".xml.gz"), name)
        identity = root.findtext("report_metadata/report_id")
        expect(" ".join(mail["Subject"].split()) ==
               f"Report Domain: there.test Submitter: example.test Report-ID: <{identity}>", mail["Subject"])
        expect(int(begin) % 86400 == 0 and 0 < int(end) - int(begin) < 86400, (begin, end))
        expect([root.findtext(f"policy_published/{tag}") for tag in ("domain", "adkim", "p", "sp", "pct", "fo")] ==
               ["there.test", "r", "reject", "reject", "100", "0"], root)
        record, = root.findall("record")
        expect([record.findtext(path) for path in (
            "row/source_ip", "row/count", "row/policy_evaluated/disposition", "row/policy_evaluated/dkim",
            "row/policy_evaluated/spf", "identifiers/envelope_to", "identifiers/envelope_from", "identifiers/header_from",
            "auth_results/spf/domain", "auth_results/spf/scope", "auth_results/spf/result")] ==
            ["127.0.0.1", "2", "reject", "fail", "fail", "example.test", "there.test", "there.test", "there.test", "mfrom",
             "fail"], xml.etree.ElementTree.tostring(record))

        single = [each for each in parsed(there) if each["To"] == "single@there.test"]
        expect(len(single) == 2 and all(each.get_param("report-type") == "feedback-report" for each in single), single)
        octets = single[0].as_bytes()
        for line in (b"Feedback-Type: auth-failure", b"Auth-Failure: dmarc", b"Source-IP: 127.0.0.1", b"Subject: Pay",
                     b'SPF-DNS: txt : there.test : "v=spf1 -all"'):
            expect(line in octets, f"{line} is told: {octets.decode()}")
        expect(b"Secret words" not in octets, "but not the text")

        # That very report, at the address of who gets reports; and once more, and one of TLS.
        _, _, report = agreed.taken[0]
        for message in (report, report, tls_mail(), signed(place, house.names, tls_mail())):
            expect(send(house, "postmaster@example.test", message) == 250, "a report is mail")
        server.wait_for_log("report known already")
        server.wait_for_log("report kept", 2)
        server.wait_for_log("RFC 8460 §3")
        expect(len(house.mailbox()) == 4, "which stays in the mailbox")
        results = [mail["Authentication-Results"] for mail in house.mailbox()]
        expect(sum(f"header.d={REPORTER}" in each and "dkim=pass" in each for each in results) == 1, results)
        rows = {row["kind"]: row for row in place.listing("report", "list")}
        expect((rows["dmarc"]["domain"], rows["dmarc"]["failed"]) == ("there.test", 2), rows)
        expect((rows["tls"]["domain"], rows["tls"]["passed"], rows["tls"]["failed"]) == ("example.test", 7, 2), rows)
        expect(rows["tls"]["vouched"], "by the signature, as the author's domain has no DMARC record")
        expect([row["kind"] for row in place.listing("report", "list", "--kind", "tls")] == ["tls"], "one kind")
        shown = json.loads(place.hongyan("report", "show", rows["dmarc"]["id"], "--json"))
        expect((shown["report_id"], shown["rows"][0]["source"]) == (identity, "127.0.0.1"), shown)
        summary = json.loads(place.hongyan("report", "summary", "--json"))
        source, = summary["sources"]
        expect((source["domain"], source["source"], source["messages"], source["rejected"]) ==
               ("there.test", "127.0.0.1", 2, 2), summary)
        expect({row["result"]: row["sessions"] for row in summary["sessions"]} == {"success": 7, "certificate-expired": 2},
               summary)
        expect(b"127.0.0.1" in place.hongyan("report", "summary", "--domain", "there.test"), "for people too")

        (place.folder / "mail").write_bytes(report)
        found, = json.loads(place.hongyan("report", "parse", "mail", "--json"))
        expect(found["rows"] == shown["rows"], found)
        expect(b"there.test" in place.hongyan("report", "parse", input=report), "from standard input too")
        place.hongyan("report", "parse", input=b"Subject: nothing\r\n\r\nHello\r\n", code=67)
        house.expect_empty_queue()


def test_keys_for_reports_of_tls_are_for_no_other_mail(place):
    """RFC 8460 §3; the same by the command."""
    with NameServer() as names:
        letter = tls_mail().replace(b"report-type", b"no-report-type")
        for message, verdict in ((tls_mail(), "pass"), (letter, "permerror")):
            lines = judge(place, names, "dkim", "verify", input=signed(place, names, message))
            expect(lines[0].split()[0] == verdict, lines)


def test_a_report_of_tls_bears_our_signature(place):
    """RFC 8460 §3: who gets it ignores it otherwise, also where the keys are good for nothing but such reports."""
    with House(place) as house:
        dkim, text = python_dkim(house.names)
        debian_module("nacl.signing", "python3-nacl")
        there = house.mail_host("there.test", "127.3.1.21")
        house.names.add("_smtp._tls.there.test", "TXT", "v=TLSRPTv1; rua=mailto:tls@there.test")
        place.hongyan("dkim", "add", "example.test")
        place.hongyan("dkim", "rotate", "example.test", "--force")
        keys = place.listing("dkim", "list")
        for key in keys:
            house.names.add(f"{key['selector']}._domainkey.example.test", "TXT", key["record"] + "; s=tlsrpt")
        house.start()
        house.submit("a@there.test")
        house.settled("a@there.test")
        place.hongyan("report", "tls", "--send")
        house.settled("tls@there.test")
        (_, _, report), = [each for each in there.taken if b"TLS-Report-Domain" in each[2]]
        mail = email.message_from_bytes(report, policy=email.policy.default)
        expect(mail.get_param("report-type") == "tlsrpt" and mail["TLS-Report-Domain"] == "there.test", mail)
        signatures = ["".join(value.split()) for value in mail.get_all("DKIM-Signature")]
        expect(len(signatures) == len(keys) == 2, signatures)
        for index, signature in enumerate(signatures):
            tags = dict(tag.split("=", 1) for tag in signature.rstrip(";").split(";"))
            expect(tags["d"] == "example.test" and "l" not in tags, f"nothing can be added: {tags}")
            signed = tags["h"].lower().split(":")
            expect({"tls-report-domain", "tls-report-submitter"} <= set(signed), f"RFC 8460 §5.3: {signed}")
            judge = dkim.DKIM(report, tlsrpt="strict")
            expect(judge.verify(idx=index, dnsfunc=text), f"dkimpy takes it for a report of TLS: {tags}")
            changed = dkim.DKIM(report.replace(b"\r\nTLS-Report-Domain: there", b"\r\nTLS-Report-Domain: here"), tlsrpt="strict")
            expect(not changed.verify(idx=index, dnsfunc=text), "the domain is signed, too")
