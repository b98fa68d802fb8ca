// The test suite of openspf.org for RFC 7208.
#include <gtest/gtest.h>

#include "vectors.h"
#include "verify/spf.h"

namespace hongyan::verify {
namespace {

SpfOutcome check(const SpfQuery& query, const vectors::Zone& zone) {
    Inquiry<SpfOutcome> inquiry(
        [&](KnownAnswers& answers) { return check_spf(query, SpfIdentity::mail_from, answers); });
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) inquiry.answer(question, zone.answer(question));
    return inquiry.outcome();
}

bool is_among(const YAML::Node& wanted, std::string_view verdict) {
    if (wanted.IsScalar()) return wanted.as<std::string>() == verdict;
    for (const auto& each : wanted)
        if (each.as<std::string>() == verdict) return true;
    return false;
}

TEST(SpfVectors, AllOfThem) {
    const auto file = vectors::file("spf/rfc7208-tests.yml");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here: no case of others was tried";
    int count = 0;
    for (const auto& set : YAML::LoadAllFromFile(file)) {
        const vectors::Zone zone(set["zonedata"]);
        for (const auto& entry : set["tests"]) {
            const auto& test = entry.second;
            const SpfQuery query{.client = dns::IpAddress::parse(test["host"].as<std::string>()).value(),
                                 .helo = test["helo"].as<std::string>(),
                                 .sender = test["mailfrom"].as<std::string>()};
            const auto outcome = check(query, zone);
            const auto name = entry.first.as<std::string>();
            EXPECT_TRUE(is_among(test["result"], to_string(outcome.verdict)))
                << name << ": " << to_string(outcome.verdict) << ": " << outcome.sentence(query);
            const auto explanation = test["explanation"] ? test["explanation"].as<std::string>() : "DEFAULT";
            EXPECT_EQ(outcome.explanation, explanation == "DEFAULT" ? "" : explanation) << name;
            ++count;
        }
    }
    EXPECT_EQ(count, 203);
}

}  // namespace
}  // namespace hongyan::verify
