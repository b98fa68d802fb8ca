// The examples of RFC 7489 Appendix B. Its reports are in reports/rfc_examples_test.cc, what a server makes
// of the verdicts (B.3.1) in spam/authentication_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "verify/answers_for_test.h"
#include "verify/dmarc.h"

namespace hongyan::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Came {
    std::string_view author;
    std::string_view spf = {};   // that passed; empty: none
    std::string_view dkim = {};  // likewise
};

DmarcOutcome check(TestZone& zone, const Came& came) {
    const auto mail = Mail::whole(fmt::format(
        "From: {}\r\nDate: Fri, Feb 15 2002 16:54:30 -0800\r\nTo: receiver@example.org\r\nSubject: here's a "
        "sample\r\n\r\n",
        came.author));
    SpfOutcome spf;
    if (!came.spf.empty()) spf = {.verdict = SpfVerdict::pass, .domain = std::string(came.spf)};
    DkimReport dkim;
    if (!came.dkim.empty())
        dkim.signatures.push_back({.verdict = DkimVerdict::pass, .domain = std::string(came.dkim)});
    return zone.conclude<DmarcOutcome>(
        [&](KnownAnswers& answers) { return check_dmarc(authors_of(mail->header()), spf, dkim, answers); });
}

TestZone published(std::string_view record, std::string_view name = "_dmarc.example.com") {
    TestZone zone;
    zone.text(name, record);
    return zone;
}

struct AlignmentExample {
    const char* what;
    Came came;
    bool relaxed, strict;
};

constexpr AlignmentExample alignments[] = {
    {"B.1.1, example 1", {"sender@example.com", "example.com"}, true, true},
    {"B.1.1, example 2", {"sender@example.com", "child.example.com"}, true, false},
    {"B.1.1, example 3", {"sender@child.example.com", "example.net"}, false, false},
    {"B.1.2, example 1", {"sender@example.com", {}, "example.com"}, true, true},
    {"B.1.2, example 2", {"sender@child.example.com", {}, "example.com"}, true, false},
    {"B.1.2, example 3", {"sender@child.example.com", {}, "sample.net"}, false, false},
};

TEST(Rfc7489AppendixB1, IdentifierAlignment) {
    for (const auto& row : alignments) {
        auto relaxed = published("v=DMARC1; p=reject");
        auto strict = published("v=DMARC1; p=reject; adkim=s; aspf=s");
        const auto wanted = [](bool aligned) { return aligned ? DmarcVerdict::pass : DmarcVerdict::fail; };
        EXPECT_EQ(check(relaxed, row.came).verdict, wanted(row.relaxed)) << row.what;
        EXPECT_EQ(check(strict, row.came).verdict, wanted(row.strict)) << row.what;
    }
}

// Each of the two may be strict by itself.
TEST(Rfc7489AppendixB1, SpfAndDkimAreStrictEachByItself) {
    auto zone = published("v=DMARC1; p=reject; aspf=s");
    const auto outcome = check(zone, {"sender@example.com", "child.example.com", "child.example.com"});
    EXPECT_FALSE(outcome.spf_aligned);
    EXPECT_TRUE(outcome.dkim_aligned);
    auto other = published("v=DMARC1; p=reject; adkim=s");
    EXPECT_TRUE(check(other, {"sender@example.com", "child.example.com", "child.example.com"}).spf_aligned);
    EXPECT_FALSE(check(other, {"sender@example.com", "child.example.com", "child.example.com"}).dkim_aligned);
}

TEST(Rfc7489AppendixB2, EntireDomainMonitoringOnly) {
    auto zone = published("v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com");
    const auto outcome = check(zone, {"sender@example.com"});
    EXPECT_EQ(outcome.verdict, DmarcVerdict::fail);
    EXPECT_EQ(outcome.disposition(99), DmarcPolicy::none);
    EXPECT_EQ(outcome.record.percent, 100U);
    EXPECT_THAT(outcome.record.aggregate_to, ElementsAre("mailto:dmarc-feedback@example.com"));
    EXPECT_THAT(outcome.record.failures_to, IsEmpty());
    EXPECT_EQ(check(zone, {"sender@child.example.com"}).record_domain, "example.com") << "all of it";
}

TEST(Rfc7489AppendixB2, PerMessageReports) {
    const auto read = DmarcRecord::parse(
        "v=DMARC1; p=none; rua=mailto:dmarc-feedback@example.com; ruf=mailto:auth-reports@example.com");
    ASSERT_TRUE(read);
    EXPECT_THAT(read->record.failures_to, ElementsAre("mailto:auth-reports@example.com"));
    EXPECT_EQ(read->record.failure_options, "0");
}

TEST(Rfc7489AppendixB2, SubdomainSamplingAndMultipleUris) {
    auto zone = published(
        "v=DMARC1; p=quarantine; rua=mailto:dmarc-feedback@example.com,"
        "mailto:tld-test@thirdparty.example.net!10m; pct=25",
        "_dmarc.test.example.com");
    const auto outcome = check(zone, {"sender@test.example.com"});
    EXPECT_EQ(outcome.record_domain, "test.example.com");
    EXPECT_EQ(outcome.disposition(24), DmarcPolicy::quarantine);
    EXPECT_EQ(outcome.disposition(25), DmarcPolicy::none);
    EXPECT_THAT(outcome.record.aggregate_to, ElementsAre("mailto:dmarc-feedback@example.com",
                                                         "mailto:tld-test@thirdparty.example.net!10m"));
    EXPECT_EQ(check(zone, {"sender@example.com"}).verdict, DmarcVerdict::none) << "this subdomain only";
}

TEST(Rfc7489AppendixB3, ProcessingOfSmtpTime) {
    auto zone = published("v=DMARC1; p=reject; aspf=r; rua=mailto:dmarc-feedback@example.com");
    const auto outcome = check(zone, {"sender@example.com", "mail.example.com", "example.com"});
    EXPECT_EQ(outcome.verdict, DmarcVerdict::pass);
    EXPECT_TRUE(outcome.spf_aligned);
    EXPECT_TRUE(outcome.dkim_aligned);
    EXPECT_EQ(outcome.disposition(0), DmarcPolicy::none);
    const auto nobody = check(zone, {"sender@example.com", "example.net", "example.net"});
    EXPECT_EQ(nobody.verdict, DmarcVerdict::fail);
    EXPECT_EQ(nobody.disposition(0), DmarcPolicy::reject);
}

}  // namespace
}  // namespace hongyan::verify
