// Reports of others: packed, in mails, and in the shapes in which reporters really send them.
#include "reports/reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "base/file.h"
#include "reports/moment.h"
#include "reports/text.h"
#include "reports/unpack.h"
#include "tls_policy/tls_report.h"

namespace hongyan::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

AggregateReport sample() {
    return {.organization = "Here & There <here.test>",
            .email = "postmaster@here.test",
            .contact = "https://here.test/dmarc",
            .id = "20261121.0123456789abcdef",
            .begin = 1'795'219'200,
            .end = 1'795'305'599,
            .errors = {"7 messages more are not listed"},
            .policy = {.domain = "example.test",
                       .dkim_alignment = "r",
                       .spf_alignment = "s",
                       .policy = "quarantine",
                       .subdomain_policy = "reject",
                       .percent = "50",
                       .failure_options = "1:d"},
            .rows = {{.traits = {.address = "192.0.2.1",
                                 .disposition = "none",
                                 .dkim = "pass",
                                 .spf = "fail",
                                 .overrides = {{"trusted_forwarder", "a list that we know"}},
                                 .header_from = "example.test",
                                 .envelope_from = "list.test",
                                 .envelope_to = "here.test",
                                 .signatures = {{"example.test", "s1", "pass", ""},
                                                {"list.test", "", "fail", "the body was changed"}},
                                 .senders = {{"list.test", "mfrom", "pass"}}},
                      .count = 12},
                     {.traits = {.address = "2001:db8:0:0:0:0:0:1",
                                 .disposition = "quarantine",
                                 .dkim = "fail",
                                 .spf = "fail",
                                 .overrides = {},
                                 .header_from = "sub.example.test",
                                 .envelope_from = "",
                                 .envelope_to = "",
                                 .signatures = {},
                                 .senders = {{"client.test", "helo", "none"}}},
                      .count = 3}}};
}

Report only(Result<std::vector<Report>> found) {
    EXPECT_TRUE(found) << found.error().message;
    EXPECT_THAT(*found, SizeIs(1));
    return found->front();
}
AggregateReport aggregate(std::string_view octets) {
    return std::get<AggregateReport>(only(read_file(octets)));
}
std::string problem(std::string_view octets) {
    const auto found = read_file(octets);
    return found ? "none" : found.error().message;
}

// As a program with no library for it would pack one file (PKWARE's APPNOTE 4.3).
std::string little(std::uint32_t number, int octets) {
    std::string out;
    for (int i = 0; i < octets; ++i) out += static_cast<char>(number >> (8 * i));
    return out;
}
std::string zip(std::string_view content, int files = 1) {
    const std::string name = "report.xml";
    // A bare deflate is what gzip has between ten octets and eight.
    const auto packed = tls_policy::gzip(content);
    const auto data = packed.substr(10, packed.size() - 18);
    const auto size = little(static_cast<std::uint32_t>(data.size()), 4);
    const auto whole = little(static_cast<std::uint32_t>(content.size()), 4);
    std::string out =
        "PK\x03\x04" + little(20, 2) + little(8, 2) + little(8, 2) + little(0, 4) + little(0, 4);
    out += little(0, 4) + little(0, 4) + little(static_cast<std::uint32_t>(name.size()), 2) + little(0, 2);
    out += name + data;
    const auto directory = out.size();
    for (int i = 0; i < files; ++i) {
        out += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(8, 2) + little(8, 2) + little(0, 4);
        out += little(0, 4) + size + whole + little(static_cast<std::uint32_t>(name.size()), 2);
        out += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(0, 4) + name;
    }
    out += "PK\x05\x06" + little(0, 4) + little(static_cast<std::uint32_t>(files), 2);
    out += little(static_cast<std::uint32_t>(files), 2) +
           little(static_cast<std::uint32_t>(out.size() - directory), 4);
    return out + little(static_cast<std::uint32_t>(directory), 4) + little(0, 2);
}

std::string mail_with(std::string_view type, std::string_view name, std::string_view octets) {
    return fmt::format(
        "From: reports@there.test\r\nSubject: Report Domain: example.test\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: {}\r\n"
        "Content-Disposition: attachment; filename=\"{}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "{}\r\n--b--\r\n",
        type, name, to_base64(octets));
}

TEST(AggregateReport, GoesRound) {
    EXPECT_EQ(parse_aggregate(to_xml(sample())), sample());
    const auto outline = outline_of(Report(sample()));
    EXPECT_EQ(outline.good, 12U);
    EXPECT_EQ(outline.bad, 3U);
}

RC_GTEST_PROP(AggregateReport, GoesRoundWhateverItsTextsAre, (std::string a, std::string b, std::string c)) {
    auto report = sample();
    report.organization = "o" + a;
    report.rows[0].traits.overrides[0].comment = b;
    report.rows[0].traits.signatures[0].words = c;
    const auto once = parse_aggregate(to_xml(report));
    RC_ASSERT(once.has_value());
    const auto twice = parse_aggregate(to_xml(*once));
    RC_ASSERT(twice.has_value());
    RC_ASSERT(*twice == *once);
}

// RFC 7489 Appendix C: which elements there must be, in which order, with which values.
TEST(AggregateReport, IsWrittenAsTheSchemaWantsIt) {
    const auto xml = to_xml(sample());
    std::vector<std::string> elements;
    for (std::size_t at = xml.find('<'); at != xml.npos; at = xml.find('<', at + 1))
        if (xml[at + 1] != '/' && xml[at + 1] != '?')
            elements.push_back(xml.substr(at + 1, xml.find('>', at) - at - 1));
    EXPECT_THAT(elements,
                ElementsAre("feedback", "version", "report_metadata", "org_name", "email",
                            "extra_contact_info", "report_id", "date_range", "begin", "end", "error",
                            "policy_published", "domain", "adkim", "aspf", "p", "sp", "pct", "fo",  //
                            "record", "row", "source_ip", "count", "policy_evaluated", "disposition", "dkim",
                            "spf", "reason", "type", "comment", "identifiers", "envelope_to", "envelope_from",
                            "header_from", "auth_results", "dkim", "domain", "selector", "result", "dkim",
                            "domain", "result", "human_result", "spf", "domain", "scope",
                            "result",  //
                            "record", "row", "source_ip", "count", "policy_evaluated", "disposition", "dkim",
                            "spf", "identifiers", "envelope_from", "header_from", "auth_results", "spf",
                            "domain", "scope", "result"));
    EXPECT_THAT(xml, HasSubstr("<version>1.0</version>"));
    EXPECT_THAT(xml, HasSubstr("<source_ip>2001:db8:0:0:0:0:0:1</source_ip>"));
    EXPECT_THAT(xml, HasSubstr("<org_name>Here &amp; There &lt;here.test&gt;</org_name>"));
    auto bare = sample();
    bare.policy = {.domain = "example.test", .policy = "none"};
    EXPECT_THAT(to_xml(bare), HasSubstr("<sp>none</sp>\n    <pct>100</pct>\n    <fo>0</fo>"));
    bare.rows[0].traits.address = "2001:db8::1";
    EXPECT_THAT(to_xml(bare), HasSubstr("<source_ip>2001:db8:0:0:0:0:0:1</source_ip>"))
        << "the schema's pattern knows no ::";
}

TEST(AggregateReport, IsReadInTheWayOfRfc9990Too) {
    const auto report = aggregate(
        "<?xml version='1.0'?>\n<d:feedback xmlns:d='urn:ietf:params:xml:ns:dmarc-2.0'>"
        "<d:version>1.0</d:version><d:policy_published><d:domain>Example.TEST</d:domain>"
        "<d:discovery_method>treewalk</d:discovery_method><d:p>reject</d:p><d:np>none</d:np>"
        "<d:testing>y</d:testing></d:policy_published><d:report_metadata><d:org_name>There</d:org_name>"
        "<d:report_id>1</d:report_id><d:date_range><d:end>2</d:end><d:begin>1</d:begin></d:date_range>"
        "<d:generator>x</d:generator></d:report_metadata><d:record><d:row><d:count>4</d:count>"
        "<d:source_ip>2001:DB8::1</d:source_ip><d:policy_evaluated><d:disposition>pass</d:disposition>"
        "<d:dkim>pass</d:dkim><d:spf>fail</d:spf></d:policy_evaluated></d:row></d:record></d:feedback>");
    EXPECT_EQ(report.policy.domain, "example.test");
    EXPECT_EQ(report.end, 2U);
    EXPECT_THAT(report.rows, SizeIs(1));
    EXPECT_EQ(report.rows.front().traits.disposition, "pass");
    EXPECT_EQ(report.rows.front().traits.address, "2001:db8::1");
}

TEST(AggregateReport, HasTidyTextsAlsoWhereTheyAreCut) {
    const auto tidied = [](std::string_view text) { return tidy(text); };
    EXPECT_EQ(tidied(std::string(longest_text - 1, 'a') + " b"), std::string(longest_text - 1, 'a'));
    EXPECT_EQ(tidied("\x01 a\x02"), "a");
    EXPECT_EQ(tidied(tidied(std::string(400, '\xff'))), tidied(std::string(400, '\xff')));
}

TEST(AggregateReport, HasLimits) {
    EXPECT_THAT(problem("<feedback><a>"), HasSubstr("this is no XML"));
    EXPECT_THAT(problem("<html/>"), HasSubstr("no element feedback"));
    EXPECT_THAT(problem("<feedback/>"), HasSubstr("does not say who reports"));
    std::string deep = "<feedback>";
    for (int i = 0; i < 100'000; ++i) deep += "<a>";
    for (int i = 0; i < 100'000; ++i) deep += "</a>";
    EXPECT_THAT(problem(deep + "</feedback>"), HasSubstr("nested more than 12 deep"));
    std::string many = "<feedback>";
    for (std::size_t i = 0; i <= most_elements; ++i) many += "<a/>";
    EXPECT_THAT(problem(many + "</feedback>"), HasSubstr("more than 1500000 elements"));
    many = "<feedback>";
    for (std::size_t i = 0; i <= most_rows; ++i) many += "<record/>";
    EXPECT_THAT(problem(many + "</feedback>"), HasSubstr("more than 50000 records"));
    // Entities are not replaced, so none can grow.
    const auto bomb = "<!DOCTYPE f [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>" +
                      to_xml(sample()).substr(to_xml(sample()).find("<feedback>"));
    EXPECT_EQ(aggregate(bomb), sample());
    auto lengthy = sample();
    lengthy.rows[0].traits.header_from = std::string(100'000, 'a');
    EXPECT_THAT(aggregate(to_xml(lengthy)).rows[0].traits.header_from, SizeIs(500));
}

TEST(Reading, UnpacksGzipAndZip) {
    const auto xml = to_xml(sample());
    EXPECT_EQ(aggregate(xml), sample());
    EXPECT_EQ(aggregate("\xef\xbb\xbf" + xml), sample());
    EXPECT_EQ(aggregate(tls_policy::gzip(xml)), sample());
    EXPECT_EQ(aggregate(zip(xml)), sample());
    EXPECT_THAT(problem(zip(xml, 2)), HasSubstr("holds 2 files, not one"));
    EXPECT_THAT(problem(zip(xml).substr(0, 100)), HasSubstr("ZIP archive is damaged"));
    EXPECT_THAT(problem(tls_policy::gzip(xml).substr(0, 100)), HasSubstr("damaged or cut short"));
}

TEST(Reading, UnpacksNoBomb) {
    const std::string zeros(1'000'000, '0');
    EXPECT_EQ(unpack(tls_policy::gzip(zeros), 1'000'000), zeros);
    EXPECT_EQ(unpack(tls_policy::gzip(zeros), 999'999).error().kind, Error::Kind::too_large);
    EXPECT_EQ(unpack(zip(zeros), 999'999).error().kind, Error::Kind::too_large);
    EXPECT_EQ(unpack(zeros, 999'999).error().kind, Error::Kind::too_large);
}

TEST(Reading, FindsReportsInMails) {
    const auto packed = tls_policy::gzip(to_xml(sample()));
    for (const auto* type : {"application/gzip", "application/x-gzip", "application/octet-stream"})
        EXPECT_EQ(aggregate(mail_with(type, "a!b!1!2.xml.gz", packed)), sample()) << type;
    EXPECT_EQ(aggregate(mail_with("application/zip", "a!b!1!2.zip", zip(to_xml(sample())))), sample());
    EXPECT_EQ(aggregate(mail_with("text/xml", "a.xml", to_xml(sample()))), sample());
    EXPECT_EQ(read_file(mail_with("image/png", "a.png", packed)).error().kind, Error::Kind::not_found);
    EXPECT_THAT(problem(mail_with("application/gzip", "a.gz", "nothing")), HasSubstr("no XML"));
    // One that is the whole message (RFC 7489 §7.2.1.1 demands no structure).
    EXPECT_EQ(aggregate("From: a@b.test\r\nContent-Type: application/gzip\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n" +
                        to_base64(packed) + "\r\n"),
              sample());
}

// RFC 8460 Appendix B, shortened.
constexpr std::string_view tls_sample = R"({
  "organization-name": "Company-X",
  "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  "policies": [{
    "policy": {"policy-type": "sts", "policy-string": ["version: STSv1","mode: testing"],
               "policy-domain": "company-y.example", "mx-host": ["*.mail.company-y.example"]},
    "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
    "failure-details": [{"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1",
      "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
      {"result-type": "starttls-not-supported", "sending-mta-ip": "2001:db8:abcd:0013::1",
       "receiving-mx-hostname": "mx2.mail.company-y.example", "receiving-ip": "203.0.113.56",
       "failed-session-count": 200, "additional-information": "https://reports.example/1"}]}]})";

TEST(TlsReport, IsReadAsTheAppendixShowsIt) {
    const auto report = std::get<TlsReport>(only(read_file(tls_sample)));
    EXPECT_EQ(report.organization, "Company-X");
    EXPECT_EQ(report.begin, 1'459'468'800U);
    EXPECT_EQ(report.end, 1'459'468'800U + 86'399U);
    ASSERT_THAT(report.policies, SizeIs(1));
    EXPECT_EQ(report.domain(), "company-y.example");
    EXPECT_EQ(report.policies[0].mx, std::vector<std::string>{"*.mail.company-y.example"});
    EXPECT_EQ(report.successes(), 5326U);
    EXPECT_EQ(report.failures(), 303U);
    ASSERT_THAT(report.policies[0].details, SizeIs(2));
    EXPECT_EQ(report.policies[0].details[1].count, 200U);
    EXPECT_EQ(report.policies[0].details[1].more, "https://reports.example/1");
    const auto mail = mail_with("application/tlsrpt+gzip", "a.json.gz", tls_policy::gzip(tls_sample));
    EXPECT_EQ(std::get<TlsReport>(only(read_file(mail))), report);
    EXPECT_EQ(std::get<TlsReport>(only(read_file(mail_with("application/tlsrpt+json", "a", tls_sample)))),
              report);
}

TEST(TlsReport, OfOursCanBeRead) {
    tls_policy::TlsReport ours{
        .domain = dns::Name::parse("there.test").value(),
        .day = std::chrono::sys_days(std::chrono::days(20'000)),
        .organization = "mail.here.test",
        .contact = {.name = {}, .address = message::parse_address("p@here.test").value()},
        .id = "20241004.1",
        .sums = {}};
    ours.sums.add_success(tls_policy::ReportedPolicy::none(), 9);
    ours.sums.add(tls_policy::ReportedPolicy::none(),
                  {.result = tls_policy::TlsResult::certificate_expired, .mx_host = "mx.there.test"}, 2);
    const auto report = std::get<TlsReport>(only(read_file(tls_policy::gzip(to_json(ours)))));
    EXPECT_EQ(report.domain(), "there.test");
    EXPECT_EQ(report.successes(), 9U);
    EXPECT_EQ(report.policies[0].details[0].result, "certificate-expired");
    EXPECT_EQ(report.policies[0].details[0].mx_host, "mx.there.test");
}

TEST(TlsReport, HasLimits) {
    EXPECT_THAT(problem("{}"), HasSubstr("does not say who reports"));
    EXPECT_THAT(problem("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"),
                HasSubstr("this is no JSON object"));
    EXPECT_THAT(problem("{\"a\":[0" + std::string(4'000'100, ',') + "]}"), HasSubstr("values"));
    EXPECT_THAT(problem(R"({"organization-name":7,"report-id":[],"policies":[3,{"policy":[]}]})"),
                HasSubstr("does not say"));
    std::string many = R"({"policies":[0)";
    for (std::size_t i = 0; i < most_policies; ++i) many += ",0";
    EXPECT_THAT(problem(many + "]}"), HasSubstr("more than 1000 policies"));
}

TEST(Moments, AreThoseOfRfc3339) {
    EXPECT_EQ(seconds_of("1970-01-01T00:00:00Z"), 0U);
    EXPECT_EQ(seconds_of("2026-11-22T00:00:00Z"), 1'795'305'600U);
    EXPECT_EQ(seconds_of("2026-11-22t08:00:00.123+08:00"), 1'795'305'600U);
    EXPECT_EQ(seconds_of("2026-11-21 19:00:00-05:00"), 1'795'305'600U);
    EXPECT_EQ(moment_text(1'795'305'600U), "2026-11-22T00:00:00Z");
    EXPECT_EQ(moment_text(UINT64_MAX), "18446744073709551615");
    for (const auto* wrong : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
                              "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+", "1969-12-31T23:59:59Z"})
        EXPECT_EQ(seconds_of(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace hongyan::reports
