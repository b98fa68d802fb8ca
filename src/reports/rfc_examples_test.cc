// The examples of the RFCs on reports: 7489 Appendix B and C, 6591 and 5965 Appendix B, 8460 Appendix A and
// B.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/encoding.h"
#include "message/field.h"
#include "message/structure.h"
#include "reports/destinations.h"
#include "reports/failure.h"
#include "reports/reading.h"
#include "tls_policy/tls_report.h"

namespace hongyan::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }

// --- RFC 7489 Appendix B

// B.2.3: a third party is to get the failures of single messages, and says that it wants them.
TEST(Rfc7489AppendixB2, AThirdPartyAgrees) {
    const auto third = parse_destination("mailto:auth-reports@thirdparty.example.net");
    ASSERT_TRUE(third);
    EXPECT_TRUE(needs_permission(name("example.com"), *third));
    EXPECT_EQ(permission_name(name("example.com"), *third)->text(),
              "example.com._report._dmarc.thirdparty.example.net");
    EXPECT_THAT(permitted(*third, {{"v=DMARC1"}}, Wanted::failures), ElementsAre(*third));
    EXPECT_THAT(permitted(*third, {}, Wanted::failures), IsEmpty());
    EXPECT_FALSE(
        needs_permission(name("example.com"), *parse_destination("mailto:auth-reports@example.com")));
}

// B.2.4: ten megabytes, and no limit for one's own.
TEST(Rfc7489AppendixB2, UrisWithASize) {
    EXPECT_EQ(parse_destination("mailto:tld-test@thirdparty.example.net!10m")->most, 10U << 20U);
    EXPECT_FALSE(parse_destination("mailto:dmarc-feedback@example.com")->most);
    EXPECT_FALSE(
        needs_permission(name("test.example.com"), *parse_destination("mailto:dmarc-feedback@example.com")))
        << "of the same organization";
}

AggregateReport aggregate() {
    return {.organization = "mail.receiver.example",
            .email = "dmarc-reporting@mail.receiver.example",
            .id = "2002.02.15.1",
            .begin = 1'013'662'812,
            .end = 1'013'749'130,
            .policy = {.domain = "example.com",
                       .dkim_alignment = "r",
                       .spf_alignment = "r",
                       .policy = "none",
                       .subdomain_policy = "none",
                       .percent = "100",
                       .failure_options = "0"},
            .rows = {{.traits = {.address = "192.0.2.1",
                                 .disposition = "none",
                                 .dkim = "pass",
                                 .spf = "fail",
                                 .header_from = "example.com",
                                 .senders = {{"example.com", "mfrom", "fail"}}},
                      .count = 1}}};
}

// B.5: the mail as it is shown, with a date that is none, in multipart/alternative and without a disposition
// of
// ".xml" in the name; "<gzipped content of report>" is a report here.
TEST(Rfc7489AppendixB5, TheMailIsRead) {
    const auto mail = fmt::format(
        "From: dmarc-reporting@mail.receiver.example\r\n"
        "Date: Fri, Feb 15 2002 16:54:30 -0800\r\n"
        "To: dmarc-feedback@example.com\r\n"
        "Subject: Report Domain: example.com\r\n"
        "    Submitter: mail.receiver.example\r\n"
        "    Report-ID: <2002.02.15.1>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        "    boundary=\"----=_NextPart_000_024E_01CC9B0A.AFE54C00\"\r\n"
        "Content-Language: en-us\r\n"
        "\r\n"
        "This is a multipart message in MIME format.\r\n"
        "\r\n"
        "------=_NextPart_000_024E_01CC9B0A.AFE54C00\r\n"
        "Content-Type: text/plain; charset=\"us-ascii\"\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "This is an aggregate report from mail.receiver.example.\r\n"
        "\r\n"
        "------=_NextPart_000_024E_01CC9B0A.AFE54C00\r\n"
        "Content-Type: application/gzip\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n"
        "    filename=\"mail.receiver.example!example.com!1013662812!1013749130.gz\"\r\n"
        "\r\n"
        "{}\r\n"
        "------=_NextPart_000_024E_01CC9B0A.AFE54C00--\r\n",
        to_base64(tls_policy::gzip(to_xml(aggregate()))));
    EXPECT_EQ(message::unfolded(mail, "Subject"),
              "Report Domain: example.com    Submitter: mail.receiver.example    Report-ID: <2002.02.15.1>");
    const auto found = read_file(mail);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_THAT(*found, SizeIs(1));
    EXPECT_EQ(std::get<AggregateReport>(found->front()), aggregate());
    EXPECT_EQ(outline_of(found->front()).organization, "mail.receiver.example");
}

// --- RFC 7489 Appendix C

struct Words {
    const char* what;
    std::string Traits::* place;
    std::vector<std::string> values;
};

// Each value that the schema permits is read and written as it is.
TEST(Rfc7489AppendixC, EveryEnumeratedValueGoesRound) {
    const Words table[] = {
        {"DispositionType", &Traits::disposition, {"none", "quarantine", "reject"}},
        {"DMARCResultType (dkim)", &Traits::dkim, {"pass", "fail"}},
        {"DMARCResultType (spf)", &Traits::spf, {"pass", "fail"}},
    };
    for (const auto& row : table)
        for (const auto& value : row.values) {
            auto report = aggregate();
            report.rows[0].traits.*row.place = value;
            EXPECT_EQ(parse_aggregate(to_xml(report)), report) << row.what << " " << value;
        }
    for (const auto* type :
         {"forwarded", "sampled_out", "trusted_forwarder", "mailing_list", "local_policy", "other"}) {
        auto report = aggregate();
        report.rows[0].traits.overrides = {{type, "a comment"}, {type, ""}};
        EXPECT_EQ(parse_aggregate(to_xml(report)), report) << type;
    }
    for (const auto* result : {"none", "pass", "fail", "policy", "neutral", "temperror", "permerror"}) {
        auto report = aggregate();
        report.rows[0].traits.signatures = {{"example.com", "s", result, "words"},
                                            {"example.com", "", result, ""}};
        EXPECT_EQ(parse_aggregate(to_xml(report)), report) << result;
    }
    for (const auto* result : {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"})
        for (const auto* scope : {"helo", "mfrom"}) {
            auto report = aggregate();
            report.rows[0].traits.senders = {{"example.com", scope, result}};
            EXPECT_EQ(parse_aggregate(to_xml(report)), report) << result;
        }
    for (const auto* mode : {"r", "s"}) {
        auto report = aggregate();
        report.policy.dkim_alignment = report.policy.spf_alignment = mode;
        EXPECT_EQ(parse_aggregate(to_xml(report)), report) << mode;
    }
}

// What stands in an xs:all may stand in any order, and a namespace may be named.
TEST(Rfc7489AppendixC, AnyOrderIsReadWhereTheSchemaHasNone) {
    const auto report = parse_aggregate(
        "<?xml version=\"1.0\"?>\n<feedback xmlns=\"http://dmarc.org/dmarc-xml/0.1\"><version>1.0</version>"
        "<report_metadata><org_name>o</org_name><email>e@o.test</email><report_id>1</report_id>"
        "<date_range><end>20</end><begin>10</begin></date_range><error>one</error><error>two</error>"
        "</report_metadata><policy_published><fo>1</fo><pct>100</pct><sp>none</sp><p>reject</p><aspf>s</aspf>"
        "<adkim>r</adkim><domain>example.com</domain></policy_published><record><row><policy_evaluated>"
        "<disposition>none</disposition><dkim>fail</dkim><spf>pass</spf><reason><comment>c</comment>"
        "<type>other</type></reason></policy_evaluated><count>3</count><source_ip>192.0.2.1</source_ip></row>"
        "<identifiers><header_from>example.com</header_from><envelope_from>example.com</envelope_from>"
        "<envelope_to>o.test</envelope_to></identifiers><auth_results><dkim><result>fail</result>"
        "<human_result>h</human_result><selector>s</selector><domain>d.test</domain></dkim><spf>"
        "<result>pass</result><scope>mfrom</scope><domain>example.com</domain></spf></auth_results></record>"
        "</feedback>");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->begin, 10U);
    EXPECT_EQ(report->end, 20U);
    EXPECT_THAT(report->errors, ElementsAre("one", "two"));
    EXPECT_EQ(report->policy.policy, "reject");
    ASSERT_THAT(report->rows, SizeIs(1));
    EXPECT_EQ(report->rows[0].count, 3U);
    EXPECT_EQ(report->rows[0].traits.overrides, (std::vector<Override>{{"other", "c"}}));
    EXPECT_EQ(report->rows[0].traits.signatures, (std::vector<DkimResult>{{"d.test", "s", "fail", "h"}}));
}

// --- RFC 6591 Appendix B

// The fields of a part, by name; several of one name are joined with a "|".
std::map<std::string, std::string, std::less<>> fields_of(std::string_view text) {
    std::map<std::string, std::string, std::less<>> all;
    for (const auto& field : message::Fields(text)) {
        auto& value = all[std::string(field.name)];
        value += (value.empty() ? "" : "|") + std::string(ascii::trim(field.value));
    }
    return all;
}

// B.1, told by us: the same facts under the same names. The optional fields with the message's body are left
// out on purpose (RFC 6591 §6.6), so is Reported-URI.
TEST(Rfc6591AppendixB, OursSaysWhatTheExampleSays) {
    SeededRandom random{1};
    const ManualClock clock;
    const Failure failure{
        .domain = "sender.example",
        .kind = "bodyhash",
        .alignment = "dkim",
        .delivery_result = "delivered",
        .address = "192.0.2.1",
        .envelope_from = "anexample.reply@a.sender.example",
        .header_from = "a.sender.example",
        .results = "mta1011.mail.tp2.receiver.example; dkim=fail (bodyhash) header.d=sender.example",
        .dkim_domain = "sender.example",
        .dkim_identity = "@sender.example",
        .dkim_selector = "testkey",
        .message_id = "<87913910.1318094604546@out.sender.example>",
        .arrival = 1'318'104'958,
        .header =
            "Received: from smtp-out.sender.example\r\n by mta1011.mail.tp2.receiver.example\r\n"
            "From: anexample@a.sender.example\r\nTo: someuser@receiver.example\r\n"
            "Subject: You have a new bill from your bank\r\n"};
    const message::Mailbox from{.name = {},
                                .address = message::parse_address("feedback@mail.receiver.example").value()};
    const message::Mailbox to{.name = {},
                              .address = message::parse_address("arf-failure@sender.example").value()};
    const auto mail = failure_mail(failure, "", from, to, clock, random);
    const auto structure = message::parse(mail);
    ASSERT_THAT(structure.parts, SizeIs(4));
    const auto told = fields_of(message::body_of(structure.parts[2], mail));
    const std::pair<const char*, const char*> rows[] = {
        {"Feedback-Type", "auth-failure"},
        {"Version", "1"},
        {"Original-Mail-From", "<anexample.reply@a.sender.example>"},
        {"Authentication-Results",
         "mta1011.mail.tp2.receiver.example; dkim=fail (bodyhash) header.d=sender.example"},
        {"Auth-Failure", "bodyhash"},
        {"DKIM-Domain", "sender.example"},
        {"DKIM-Identity", "@sender.example"},
        {"DKIM-Selector", "testkey"},
        {"Arrival-Date", "Sat, 8 Oct 2011 20:15:58 +0000"},
        {"Source-IP", "192.0.2.1"},
        {"Reported-Domain", "a.sender.example"},
    };
    for (const auto& [field, value] : rows) {
        const auto found = told.find(field);
        ASSERT_NE(found, told.end()) << field;
        EXPECT_EQ(found->second, value);
    }
    EXPECT_TRUE(told.contains("User-Agent"));
    EXPECT_EQ(message::body_of(structure.parts[3], mail), failure.header) << "the header as it came";
}

// --- RFC 5965 Appendix B

constexpr std::string_view abuse_report =
    "From: <abusedesk@example.com>\r\n"
    "Date: Thu, 8 Mar 2005 17:40:36 EDT\r\n"
    "Subject: FW: Earn money\r\n"
    "To: <abuse@example.net>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/report; report-type=feedback-report;\r\n"
    "     boundary=\"part1_13d.2e68ed54_boundary\"\r\n"
    "\r\n"
    "--part1_13d.2e68ed54_boundary\r\n"
    "Content-Type: text/plain; charset=\"US-ASCII\"\r\n"
    "Content-Transfer-Encoding: 7bit\r\n"
    "\r\n"
    "This is an email abuse report for an email message received from IP\r\n"
    "192.0.2.1 on Thu, 8 Mar 2005 14:00:00 EDT.\r\n"
    "\r\n"
    "--part1_13d.2e68ed54_boundary\r\n"
    "Content-Type: message/feedback-report\r\n"
    "\r\n"
    "Feedback-Type: abuse\r\n"
    "User-Agent: SomeGenerator/1.0\r\n"
    "Version: 1\r\n"
    "Original-Mail-From: <somespammer@example.net>\r\n"
    "Original-Rcpt-To: <user@example.com>\r\n"
    "Arrival-Date: Thu, 8 Mar 2005 14:00:00 EDT\r\n"
    "Reporting-MTA: dns; mail.example.com\r\n"
    "Source-IP: 192.0.2.1\r\n"
    "Authentication-Results: mail.example.com;\r\n"
    "               spf=fail smtp.mail=somespammer@example.com\r\n"
    "Reported-Domain: example.net\r\n"
    "Reported-Uri: http://example.net/earn_money.html\r\n"
    "Reported-Uri: mailto:user@example.com\r\n"
    "Removal-Recipient: user@example.com\r\n"
    "\r\n"
    "--part1_13d.2e68ed54_boundary\r\n"
    "Content-Type: message/rfc822\r\n"
    "Content-Disposition: inline\r\n"
    "\r\n"
    "From: <somespammer@example.net>\r\n"
    "To: <Undisclosed Recipients>\r\n"
    "Subject: Earn money\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-type: text/plain\r\n"
    "Message-ID: 8787KJKJ3K4J3K4J3K4J3.mail@example.net\r\n"
    "Date: Thu, 02 Sep 2004 12:31:03 -0500\r\n"
    "\r\n"
    "Spam Spam Spam\r\n"
    "--part1_13d.2e68ed54_boundary--\r\n";

// B.2: its parts are found as any message's; we take no abuse reports, so to us it holds no report.
TEST(Rfc5965AppendixB, ItsPartsAreFoundAndItIsNoReportOfOurs) {
    const auto structure = message::parse(abuse_report);
    ASSERT_GE(structure.parts.size(), 4U);
    EXPECT_EQ(*find(structure.parts[0].type.parameters, "report-type"), "feedback-report");
    EXPECT_TRUE(structure.parts[2].type.is("message", "feedback-report"));
    EXPECT_TRUE(structure.parts[3].type.is("message", "rfc822"));
    const auto told = fields_of(message::body_of(structure.parts[2], abuse_report));
    EXPECT_EQ(told.at("Feedback-Type"), "abuse");
    EXPECT_EQ(told.at("Reported-Uri"), "http://example.net/earn_money.html|mailto:user@example.com");
    EXPECT_THAT(attached_reports(abuse_report), IsEmpty());
    EXPECT_EQ(read_file(abuse_report).error().kind, Error::Kind::not_found);
}

// --- RFC 8460 Appendix A and B

TEST(Rfc8460AppendixA, Policies) {
    EXPECT_THAT(tls_policy::parse_report_targets({{"v=TLSRPTv1;rua=mailto:reports@example.com"}}),
                ElementsAre("mailto:reports@example.com"));
    EXPECT_THAT(
        tls_policy::parse_report_targets({{"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"}}),
        ElementsAre("https://reporting.example.com/v1/tlsrpt"));
}

// What is wrapped for the page within "additional-information" is one line, as JSON demands (RFC 8259 §7).
TEST(Rfc8460AppendixB, TheReport) {
    const auto found = read_report(R"({
     "organization-name": "Company-X",
     "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
     "contact-info": "sts-reporting@company-x.example",
     "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
     "policies": [{
       "policy": {
         "policy-type": "sts",
         "policy-string": ["version: STSv1","mode: testing","mx: *.mail.company-y.example","max_age: 86400"],
         "policy-domain": "company-y.example",
         "mx-host": "*.mail.company-y.example"
       },
       "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
       "failure-details": [{
         "result-type": "certificate-expired",
         "sending-mta-ip": "2001:db8:abcd:0012::1",
         "receiving-mx-hostname": "mx1.mail.company-y.example",
         "failed-session-count": 100
       }, {
         "result-type": "starttls-not-supported",
         "sending-mta-ip": "2001:db8:abcd:0013::1",
         "receiving-mx-hostname": "mx2.mail.company-y.example",
         "receiving-ip": "203.0.113.56",
         "failed-session-count": 200,
         "additional-information": "https://reports.company-x.example/report_info ? id = 5065427 c - 23 d3# StarttlsNotSupported "
       }, {
         "result-type": "validation-failure",
         "sending-mta-ip": "198.51.100.62",
         "receiving-ip": "203.0.113.58",
         "receiving-mx-hostname": "mx-backup.mail.company-y.example",
         "failed-session-count": 3,
         "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"
       }]
     }]
   })");
    ASSERT_TRUE(found) << found.error().message;
    const auto& report = std::get<TlsReport>(*found);
    EXPECT_EQ(report.organization, "Company-X");
    EXPECT_EQ(report.successes(), 5326U);
    EXPECT_EQ(report.failures(), 303U);
    ASSERT_THAT(report.policies, SizeIs(1));
    const auto& details = report.policies[0].details;
    ASSERT_THAT(details, SizeIs(3));
    EXPECT_EQ(details[0].result, "certificate-expired");
    EXPECT_EQ(details[0].count, 100U);
    EXPECT_EQ(details[1].result, "starttls-not-supported");
    EXPECT_EQ(details[1].count, 200U);
    EXPECT_THAT(details[1].more, HasSubstr("reports.company-x.example"));
    EXPECT_EQ(details[2].result, "validation-failure");
    EXPECT_EQ(details[2].count, 3U);
}

}  // namespace
}  // namespace hongyan::reports
