// To whom reports go, and what they look like as mail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/field.h"
#include "message/structure.h"
#include "reports/destinations.h"
#include "reports/failure.h"
#include "reports/mail.h"
#include "reports/reading.h"
#include "tls_policy/tls_report.h"

namespace hongyan::reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string read(std::string_view uri) {
    const auto found = parse_destination(uri);
    if (!found) return std::string(to_string(found.error().kind));
    return fmt::format("{} {}", found->address.to_string(),
                       found->most ? fmt::format("{}", *found->most) : "-");
}
dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
Destination at(std::string_view address) { return {.address = message::parse_address(address).value()}; }
std::vector<std::string> allowed(std::string_view address, const std::vector<dns::Txt>& records,
                                 Wanted wanted = Wanted::aggregate) {
    std::vector<std::string> all;
    for (const auto& each : permitted(at(address), records, wanted)) all.push_back(each.address.to_string());
    return all;
}

// RFC 7489 §6.3, §6.4.
TEST(Destinations, AreMailtoWithASize) {
    EXPECT_EQ(read("mailto:a@b.test"), "a@b.test -");
    EXPECT_EQ(read("MAILTO:a@b.test!50m"), "a@b.test 52428800");
    EXPECT_EQ(read("mailto:a%21b@b.test!10K"), "a!b@b.test 10240");
    EXPECT_EQ(read("mailto:a@b.test!7"), "a@b.test 7");
    EXPECT_EQ(read("mailto:a@b.test!2g"), "a@b.test 2147483648");
    EXPECT_EQ(read("mailto:a@b.test!1t"), "a@b.test 1099511627776");
    EXPECT_EQ(read("mailto:a@b.test!99999999999999999999t"), "a@b.test -") << "more than can be";
    EXPECT_EQ(read("mailto:a@b.test!10x"), "invalid");
    EXPECT_EQ(read("mailto:a@b.test!m"), "invalid");
    EXPECT_EQ(read("mailto:nobody"), "invalid");
    EXPECT_EQ(read("https://b.test/reports"), "unsupported");
}

// RFC 7489 §7.1.
TEST(Destinations, OfOtherOwnersAreAsked) {
    EXPECT_FALSE(needs_permission(name("example.com"), at("a@example.com")));
    EXPECT_FALSE(needs_permission(name("sub.example.com"), at("a@reports.example.com")));
    EXPECT_TRUE(needs_permission(name("blue.example.com"), at("reports@red.example.net")));
    EXPECT_TRUE(needs_permission(name("one.co.uk"), at("a@two.co.uk"))) << "the suffix is nobody's";
    EXPECT_TRUE(needs_permission(name("example.com"), at("a@[192.0.2.1]")));
    EXPECT_EQ(permission_name(name("blue.example.com"), at("reports@red.example.net"))->text(),
              "blue.example.com._report._dmarc.red.example.net");
    EXPECT_FALSE(permission_name(name("example.com"), at("a@[192.0.2.1]")));
}

TEST(Destinations, MayAgreeRefuseOrNameOthersAtTheSameHost) {
    EXPECT_THAT(allowed("a@red.test", {}), IsEmpty());
    EXPECT_THAT(allowed("a@red.test", {{"v=spf1 -all"}, {"DMARC1"}}), IsEmpty());
    EXPECT_THAT(allowed("a@red.test", {{"v=DMARC1"}}), ElementsAre("a@red.test"));
    EXPECT_THAT(allowed("a@red.test", {{"junk"}, {"v=DMARC1;"}}), ElementsAre("a@red.test"));
    EXPECT_THAT(allowed("a@red.test", {{"v=DMARC1; rua=mailto:b@red.test"}}), ElementsAre("b@red.test"));
    EXPECT_THAT(allowed("a@red.test", {{"v=DMARC1; rua=mailto:b@red.test"}}, Wanted::failures),
                ElementsAre("a@red.test"));
    EXPECT_THAT(allowed("a@red.test", {{"v=DMARC1; rua=mailto:b@victim.test"}}), IsEmpty())
        << "nobody is led on";
    EXPECT_THAT(allowed("a@red.test", {{"v=DMARC1; rua=mailto:b@red.test,mailto:c@victim.test"}}), IsEmpty());
}

class MailTest : public testing::Test {
public:
    ManualClock clock;
    SeededRandom random{1};
    message::Mailbox from{.name = {}, .address = message::parse_address("postmaster@here.test").value()};
    message::Mailbox to{.name = {}, .address = message::parse_address("reports@there.test").value()};
    AggregateReport report{.organization = "mail.here.test",
                           .email = "postmaster@here.test",
                           .id = "20261121.0123456789abcdef@here.test",
                           .begin = 1'795'219'200,
                           .end = 1'795'305'599,
                           .policy = {.domain = "there.test", .policy = "none"},
                           .rows = {{.traits = {.address = "192.0.2.1",
                                                .disposition = "none",
                                                .dkim = "pass",
                                                .spf = "pass",
                                                .header_from = "there.test",
                                                .senders = {{"there.test", "mfrom", "pass"}}},
                                     .count = 2}}};
};

// RFC 7489 §7.2.1.1.
TEST_F(MailTest, AnAggregateReportIsAFileWithANameAndASubject) {
    const auto mail = aggregate_mail(report, tls_policy::gzip(to_xml(report)), from, to, clock, random);
    EXPECT_EQ(
        message::unfolded(mail, "Subject"),
        "Report Domain: there.test Submitter: here.test Report-ID: <20261121.0123456789abcdef@here.test>");
    EXPECT_EQ(message::unfolded(mail, "Auto-Submitted"), "auto-generated");
    const auto structure = message::parse(mail);
    ASSERT_THAT(structure.parts, SizeIs(3));
    EXPECT_TRUE(structure.parts[2].type.is("application", "gzip"));
    EXPECT_EQ(message::attachment_name(structure.parts[2]),
              "here.test!there.test!1795219200!1795305599!202611210123456789abcdef.xml.gz");
    EXPECT_THAT(message::decoded_body(structure.parts[1], mail), HasSubstr("2 messages"));
    const auto found = read_file(mail);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(std::get<AggregateReport>(found->at(0)).rows, report.rows);
}

// RFC 7489 §7.2.2.
TEST_F(MailTest, OneThatIsTooLargeIsTold) {
    const auto mail = too_large_mail(report, 12'345, from, to, clock, random);
    EXPECT_THAT(mail, HasSubstr("Report-Size: 12345\r\n"));
    EXPECT_THAT(mail, HasSubstr("Submitting-URI: mailto:reports@there.test\r\n"));
    EXPECT_THAT(mail, HasSubstr("Report-ID: 20261121.0123456789abcdef@here.test\r\n"));
}

// RFC 5965 §2, RFC 6591 §3.1, RFC 7489 §7.3.1.
TEST_F(MailTest, AFailureReportShowsTheHeaderOnly) {
    const Failure failure{.domain = "there.test",
                          .wanted_at = {"mailto:x@there.test"},
                          .kind = "dmarc",
                          .alignment = "none",
                          .delivery_result = "reject",
                          .address = "192.0.2.1",
                          .envelope_from = "eve@evil.test",
                          .header_from = "there.test",
                          .results = "mail.here.test; dmarc=fail header.from=there.test",
                          .dkim_domain = "evil.test",
                          .dkim_identity = "@evil.test",
                          .dkim_selector = "s",
                          .spf_domain = "evil.test",
                          .message_id = "<1@there.test>",
                          .arrival = 1'795'219'200,
                          .header = "From: ann@there.test\r\nSubject: Hello\r\n"};
    EXPECT_EQ(Failure::from_record(failure.to_record()), failure);
    const auto mail = failure_mail(failure, "v=spf1 -all", from, to, clock, random);
    const auto structure = message::parse(mail);
    ASSERT_THAT(structure.parts, SizeIs(4));
    EXPECT_TRUE(structure.parts[0].type.is("multipart", "report"));
    EXPECT_EQ(*find(structure.parts[0].type.parameters, "report-type"), "feedback-report");
    EXPECT_TRUE(structure.parts[2].type.is("message", "feedback-report"));
    EXPECT_TRUE(structure.parts[3].type.is("text", "rfc822-headers"));
    const auto told = message::body_of(structure.parts[2], mail);
    for (const auto* line :
         {"Feedback-Type: auth-failure\r\n", "Version: 1\r\n", "User-Agent: ", "Auth-Failure: dmarc\r\n",
          "Identity-Alignment: none\r\n", "Delivery-Result: reject\r\n", "Source-IP: 192.0.2.1\r\n",
          "Reported-Domain: there.test\r\n", "Original-Mail-From: <eve@evil.test>\r\n",
          "Authentication-Results: mail.here.test; dmarc=fail header.from=there.test\r\n",
          "DKIM-Domain: evil.test\r\n", "SPF-DNS: txt : evil.test : \"v=spf1 -all\"\r\n"})
        EXPECT_THAT(told, HasSubstr(line));
    EXPECT_THAT(message::body_of(structure.parts[3], mail), HasSubstr("Subject: Hello\r\n"));
    auto forged = failure;
    forged.envelope_from = "a\r\nFeedback-Type: abuse";
    EXPECT_THAT(failure_mail(forged, "", from, to, clock, random), Not(HasSubstr("\nFeedback-Type: abuse")));
}

}  // namespace
}  // namespace hongyan::reports
