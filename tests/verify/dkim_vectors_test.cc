// The sample of RFC 8463 appendix A.3, signed with RSA and Ed25519; and every way to alter it.
#include <gtest/gtest.h>

#include "base/file.h"
#include "message/line_ends.h"
#include "vectors.h"
#include "verify/dkim.h"

namespace hongyan::verify {
namespace {

// Lines "name record", an empty line, the message.
struct Sample {
    std::map<std::string, std::string> records;
    std::string message;
};

Sample read_sample(const std::filesystem::path& file) {
    const auto text = message::to_crlf(read_file(file).value());
    const auto empty = text.find("\r\n\r\n");
    Sample sample;
    sample.message = text.substr(empty + 4);
    for (std::string_view rest = std::string_view(text).substr(0, empty + 2); !rest.empty();) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        sample.records[std::string(line.substr(0, line.find(' ')))] = line.substr(line.find(' ') + 1);
        rest.remove_prefix(line.size() + 2);
    }
    return sample;
}

DkimReport check(const Sample& sample, std::string_view message) {
    const auto mail = Mail::whole(message);
    Inquiry<DkimReport> inquiry(
        [&](KnownAnswers& answers) { return verify_dkim(*mail, Instant{}, answers); });
    for (auto open = inquiry.questions(); !open.empty(); open = inquiry.questions())
        for (const auto& question : open) {
            const auto found = sample.records.find(question.name.text());
            dns::RawAnswer answer{.status = dns::Status::no_domain, .canonical = question.name};
            if (found != sample.records.end()) {
                answer.status = dns::Status::found;
                answer.records.push_back(dns::Txt{found->second}.to_rdata());
            }
            inquiry.answer(question, answer);
        }
    return inquiry.outcome();
}

TEST(DkimVectors, BothSignaturesOfTheSamplePass) {
    const auto file = vectors::file("dkim/001.txt");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here: no case of others was tried";
    const auto sample = read_sample(file);
    const auto report = check(sample, sample.message);
    ASSERT_EQ(report.signatures.size(), 2U);
    for (const auto& each : report.signatures) EXPECT_EQ(each.verdict, DkimVerdict::pass) << each.sentence();
    EXPECT_EQ(report.signatures[0].algorithm, "ed25519-sha256");
    EXPECT_EQ(report.signatures[1].algorithm, "rsa-sha256");
}

TEST(DkimVectors, AlteredCopiesFail) {
    const auto file = vectors::file("dkim/001.txt");
    if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not here: no case of others was tried";
    const auto sample = read_sample(file);
    for (const auto& [from, to] :
         {std::pair("Is dinner ready", "Is dinner ruined"), std::pair("We lost", "We won"),
          std::pair("Subject: ", "Subject: Another\r\nSubject: "), std::pair("joe@football", "eve@football"),
          std::pair("\r\nJoe.", "\r\nJoe. ?")}) {
        auto altered = sample.message;
        altered.replace(altered.rfind(from), std::string_view(from).size(), to);
        for (const auto& each : check(sample, altered).signatures)
            EXPECT_EQ(each.verdict, DkimVerdict::fail) << from << ": " << each.sentence();
    }
}

}  // namespace
}  // namespace hongyan::verify
