// Fields that claim to be ours.
#include "spam/cleaning.h"

#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

class CleaningTest : public testing::Test {
protected:
    // What is left of the message.
    std::string cleaned(const smtp::Client& client, std::string_view text) {
        const auto came = mail(client, "eve@far.test", {"ann@here.test"}, text);
        const auto visit = cleaning.visit(client, log::Log(output));
        judgement = {};
        if (visit) run(visit->message(came, judgement));
        return judgement.text(came);
    }

    ManualClock clock;
    log::Output output{clock};
    Cleaning cleaning{"mx.here.test", {config::Network::parse("10.0.0.0/8").value()}};
    Judgement judgement;
};

const std::string forged =
    "Authentication-Results: mx.here.test; dmarc=pass header.from=bank.test\r\n"
    "x-hongyan-spam: no, score=-100\r\n"
    "X-Hongyan-Junk: no,\r\n -10 points\r\n"
    "X-HongyanX: another\r\n"
    "Authentication-Results: elsewhere.test; spf=pass\r\n"
    "From: eve@far.test\r\n\r\nX-Hongyan-Spam: in the body\r\n";
const std::string rest =
    "X-HongyanX: another\r\n"
    "Authentication-Results: elsewhere.test; spf=pass\r\n"
    "From: eve@far.test\r\n\r\nX-Hongyan-Spam: in the body\r\n";

TEST_F(CleaningTest, StrangersSpeakForNobodyHere) {
    for (const auto& client : {smtp::Client{.address = "192.0.2.1"}, smtp::Client{.address = "127.0.0.1"},
                               smtp::Client{.protocol = smtp::Protocol::lmtp}}) {
        EXPECT_EQ(cleaned(client, forged), rest) << client.address;
        EXPECT_EQ(codes(judgement), "forged-results forged-fields");
    }
}

TEST_F(CleaningTest, OurPeopleKeepTheirFieldsButFindNothingInOurName) {
    for (const auto& client : {smtp::Client{.address = "10.0.0.1"},
                               smtp::Client{.address = "192.0.2.1", .account = "ann@here.test"}}) {
        const auto left = cleaned(client, forged);
        EXPECT_THAT(left, testing::StartsWith("x-hongyan-spam: no"));
        EXPECT_THAT(left, testing::Not(testing::HasSubstr("dmarc=pass")));
        EXPECT_EQ(codes(judgement), "forged-results");
    }
}

TEST_F(CleaningTest, WhatClaimsNothingStaysAsItIs) {
    EXPECT_EQ(cleaned({.address = "192.0.2.1"}, rest), rest);
    EXPECT_EQ(judgement.message, nullptr) << "not even copied";
    EXPECT_EQ(cleaned({.protocol = smtp::Protocol::local}, forged), forged) << "a program of this machine";
}

// RFC 8601 §5: what is of another version is believed by nobody, whoever wrote it; it need not claim to be
// ours.
TEST_F(CleaningTest, WhatCannotBeReadIsToldOfAsThat) {
    EXPECT_EQ(cleaned({.address = "192.0.2.1"}, "Authentication-Results: other.example 2; spf=pass\r\n\r\n"),
              "\r\n");
    ASSERT_EQ(codes(judgement), "forged-results");
    EXPECT_THAT(judgement.findings.front().words, testing::HasSubstr("or cannot be read here"));
}

// What the judges before it have written stands before the message.
TEST_F(CleaningTest, OurOwnFindingsStay) {
    const smtp::Client client{.address = "192.0.2.1"};
    const auto came = mail(client, "eve@far.test", {"ann@here.test"}, forged);
    judgement.fields = "Authentication-Results: mx.here.test; spf=fail\r\n";
    run(cleaning.visit(client, log::Log(output))->message(came, judgement));
    EXPECT_EQ(judgement.fields, "Authentication-Results: mx.here.test; spf=fail\r\n");
    EXPECT_EQ(judgement.text(came), rest);
}

}  // namespace
}  // namespace hongyan::spam
