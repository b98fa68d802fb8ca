// The test suite of ValiMail for RFC 8617.
#include <gtest/gtest.h>

#include "message/line_ends.h"
#include "vectors.h"
#include "verify/arc.h"

namespace hongyan::verify {
namespace {

dns::RawAnswer answer(const YAML::Node& texts, const dns::Question& question) {
    dns::RawAnswer answer{.status = dns::Status::no_domain, .canonical = question.name};
    if (const auto text = texts[question.name.text()]) {
        answer.status = dns::Status::found;
        answer.records.push_back(dns::Txt{text.as<std::string>()}.to_rdata());
    }
    return answer;
}

ArcOutcome check(const std::string& text, const YAML::Node& texts) {
    const auto raw = message::to_crlf(text);
    const auto mail = Mail::whole(raw);
    Inquiry<ArcOutcome> inquiry([&](KnownAnswers& answers) { return verify_arc(*mail, Instant{}, answers); });
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) inquiry.answer(question, answer(texts, question));
    return inquiry.outcome();
}

TEST(ArcVectors, AllOfThem) {
    const auto file = vectors::file("arc/arc-draft-validation-tests.yml");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here: no case of others was tried";
    int count = 0;
    for (const auto& set : YAML::LoadAllFromFile(file)) {
        for (const auto& entry : set["tests"]) {
            const auto& test = entry.second;
            // The suite leaves open what a chain that says "fail" of itself is; RFC 8617 §5.2 does not.
            const auto wanted = test["cv"].IsNull() ? "fail" : ascii::to_lower(test["cv"].as<std::string>());
            const auto outcome = check(test["message"].as<std::string>(), set["txt-records"]);
            EXPECT_EQ(to_string(outcome.verdict), wanted.empty() ? "fail" : wanted)
                << entry.first.as<std::string>() << ": " << outcome.sentence();
            ++count;
        }
    }
    EXPECT_EQ(count, 175);  // of 171 names: four stand there twice
}

}  // namespace
}  // namespace hongyan::verify
