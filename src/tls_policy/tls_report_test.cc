#include "tls_policy/tls_report.h"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/check.h"

namespace hongyan::tls_policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ReportTargets, AreThoseOfTheOneRecord) {
    EXPECT_THAT(
        parse_report_targets({{"other"}, {"v=TLSRPTv1; rua=mailto:a@b.test , https://c.test/x;later=1"}}),
        ElementsAre("mailto:a@b.test", "https://c.test/x"));
    EXPECT_THAT(parse_report_targets({{"v=TLSRPTv1;rua=ftp://c.test,mailto:a@b.test!10m,mailto:d@b.test"}}),
                ElementsAre("mailto:d@b.test"));
    for (const auto& records :
         {std::vector<dns::Txt>{}, std::vector<dns::Txt>{{"v=TLSRPTv1"}},
          std::vector<dns::Txt>{{"v=TLSRPTv12; rua=mailto:a@b.test"}},
          std::vector<dns::Txt>{{"v=TLSRPTv1; ruf=mailto:a@b.test"}},
          std::vector<dns::Txt>{{"v=TLSRPTv1; rua=mailto:a@b.test"}, {"v=TLSRPTv1; rua="}}})
        EXPECT_THAT(parse_report_targets(records), IsEmpty());
}

TEST(ReportTargets, AMailtoIsOneAddress) {
    EXPECT_EQ(address_of_mailto("mailto:tls%2Breports@example.net?subject=x")->to_string(),
              "tls+reports@example.net");
    EXPECT_EQ(address_of_mailto("MAILTO:a@example.net")->to_string(), "a@example.net");
    for (const char* uri :
         {"mailto:", "mailto:a", "mailto:a@b.test,c@d.test", "mailto:a%2@b.test", "mailto:a%zz@b.test",
          "https://a@b.test", "mailto:a%0d%0a@b.test", "mailto:?subject=a@b.test"})
        EXPECT_FALSE(address_of_mailto(uri)) << uri;
}

const StsPolicy policy{.mode = StsMode::enforce, .mx = {"*.example.net"}, .max_age = std::chrono::days(1)};

TlsTrouble trouble(TlsResult result, std::string reason = "why") {
    return {.result = result,
            .sending_address = "192.0.2.1",
            .mx_host = "mx.example.net",
            .receiving_address = "192.0.2.2",
            .reason = std::move(reason)};
}

TlsDay day() {
    TlsDay sums;
    sums.add_success(ReportedPolicy::of(policy), 5);
    sums.add(ReportedPolicy::of(policy), trouble(TlsResult::certificate_expired));
    sums.add(ReportedPolicy::of(policy), trouble(TlsResult::certificate_expired));
    sums.add(ReportedPolicy::none(), trouble(TlsResult::starttls_not_supported, ""));
    return sums;
}

TEST(TlsDay, EqualTroublesAreCountedTogether) {
    const auto sums = day();
    const auto& of_policy = sums.policies().at(ReportedPolicy::of(policy));
    EXPECT_EQ(of_policy.successes, 5U);
    EXPECT_EQ(of_policy.failures, 2U);
    EXPECT_EQ(of_policy.troubles.at(trouble(TlsResult::certificate_expired)), 2U);
}

TEST(TlsDay, GoesRoundThroughARecord) {
    EXPECT_EQ(TlsDay::from_record(day().to_record()), day());
    EXPECT_EQ(TlsDay::from_record(TlsDay{}.to_record()), TlsDay{});
    EXPECT_FALSE(TlsDay::from_record(""));
    EXPECT_FALSE(TlsDay::from_record(day().to_record().substr(0, 40)));
}

TEST(TlsDay, TwoAreMadeOne) {
    auto sums = day();
    sums.merge(day());
    const auto& of_policy = sums.policies().at(ReportedPolicy::of(policy));
    EXPECT_EQ(of_policy.successes, 10U);
    EXPECT_EQ(of_policy.failures, 4U);
    EXPECT_EQ(of_policy.troubles.at(trouble(TlsResult::certificate_expired)), 4U);
}

TEST(TlsDay, GrowsOnlySoFarAndCountsAll) {
    TlsDay sums;
    for (int i = 0; i < 200; ++i) {
        const ReportedPolicy changing{
            .type = ReportedPolicy::Type::tlsa, .lines = {fmt::to_string(i)}, .mx = {}};
        sums.add(changing, trouble(TlsResult::validation_failure, std::string(5000, 'x')));
        sums.add(ReportedPolicy::none(), trouble(TlsResult::validation_failure, fmt::to_string(i)));
    }
    EXPECT_LE(sums.policies().size(), TlsDay::most_policies + 1);
    std::uint64_t failures = 0;
    for (const auto& [_, of_policy] : sums.policies()) {
        failures += of_policy.failures;
        EXPECT_LE(of_policy.troubles.size(), TlsDay::most_troubles);
    }
    EXPECT_EQ(failures, 400U);
    EXPECT_LE(sums.to_record().size(), 64U * 1024);
}

TlsReport report() {
    using namespace std::chrono;
    return {.domain = dns::Name::parse("example.net").value(),
            .day = sys_days(2026y / November / 20),
            .organization = "Here",
            .contact = {.name = "", .address = message::parse_address("tlsrpt@here.test").value()},
            .id = "20261120.example.net",
            .sums = day()};
}

TEST(TlsReport, IsTheJsonOfTheRfc) {
    const auto json = boost::json::parse(to_json(report()));
    EXPECT_EQ(json.at("organization-name").as_string(), "Here");
    EXPECT_EQ(json.at("contact-info").as_string(), "tlsrpt@here.test");
    EXPECT_EQ(json.at("date-range").at("start-datetime").as_string(), "2026-11-20T00:00:00Z");
    EXPECT_EQ(json.at("date-range").at("end-datetime").as_string(), "2026-11-20T23:59:59Z");
    const auto& policies = json.at("policies").as_array();
    ASSERT_EQ(policies.size(), 2U);
    EXPECT_EQ(policies[0].at("policy").at("policy-type").as_string(), "no-policy-found");
    const auto& sts = policies[1];
    EXPECT_EQ(sts.at("policy").at("policy-type").as_string(), "sts");
    EXPECT_EQ(sts.at("policy").at("policy-string").as_array()[0].as_string(), "version: STSv1");
    EXPECT_EQ(sts.at("policy").at("policy-domain").as_string(), "example.net");
    EXPECT_EQ(sts.at("policy").at("mx-host").as_array()[0].as_string(), "*.example.net");
    EXPECT_EQ(sts.at("summary").at("total-successful-session-count").to_number<int>(), 5);
    EXPECT_EQ(sts.at("summary").at("total-failure-session-count").to_number<int>(), 2);
    const auto& detail = sts.at("failure-details").as_array()[0];
    EXPECT_EQ(detail.at("result-type").as_string(), "certificate-expired");
    EXPECT_EQ(detail.at("sending-mta-ip").as_string(), "192.0.2.1");
    EXPECT_EQ(detail.at("receiving-mx-hostname").as_string(), "mx.example.net");
    EXPECT_EQ(detail.at("receiving-ip").as_string(), "192.0.2.2");
    EXPECT_EQ(detail.at("failed-session-count").to_number<int>(), 2);
    EXPECT_EQ(detail.at("failure-reason-code").as_string(), "why");
}

std::string gunzip(std::string in) {
    z_stream stream{};
    check(inflateInit2(&stream, 15 + 16) == Z_OK, "zlib begins");
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int ended = inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    check(ended == Z_STREAM_END, "it is whole");
    return out;
}

TEST(TlsReport, IsCompressed) {
    EXPECT_EQ(gunzip(gzip(to_json(report()))), to_json(report()));
    EXPECT_EQ(gunzip(gzip("")), "");
}

TEST(TlsReport, TravelsAsAMessage) {
    ManualClock clock;
    SeededRandom random(1);
    const auto text =
        report_mail(report(), {.name = "", .address = message::parse_address("reports@example.net").value()},
                    clock, random);
    EXPECT_THAT(text, HasSubstr("TLS-Report-Domain: example.net\r\n"));
    EXPECT_THAT(text, HasSubstr("TLS-Report-Submitter: here.test\r\n"));
    EXPECT_THAT(text, HasSubstr("report-type=tlsrpt"));
    EXPECT_THAT(text, HasSubstr("application/tlsrpt+gzip"));
    EXPECT_THAT(text, HasSubstr("here.test!example.net!1795132800!1795219199!001.json.gz"));
    EXPECT_THAT(text, HasSubstr("Report Domain: example.net"));
    EXPECT_THAT(text, HasSubstr("To: reports@example.net\r\n"));
}

}  // namespace
}  // namespace hongyan::tls_policy
