#include "spam/judge.h"

#include <gtest/gtest.h>

namespace hongyan::spam {

TEST(JudgementTest, TheStrictestWishStaysWithTheReplyOfWhoeverHadItFirst) {
    Judgement judgement;
    judgement.demand(Disposition::reject, smtp::Reply{550, "5.7.1", "First"});
    judgement.demand(Disposition::reject, smtp::Reply{550, "5.7.1", "Second"});
    judgement.demand(Disposition::junk);
    EXPECT_EQ(judgement.disposition, Disposition::reject);
    ASSERT_TRUE(judgement.reply);
    EXPECT_EQ(judgement.reply->lines.front(), "First");
}

// What others find besides is not blamed for it.
TEST(JudgementTest, TheReasonIsWhatDemandedTheStrictest) {
    Judgement judgement;
    EXPECT_EQ(judgement.reason(), "accept");
    judgement.findings.push_back({"one", "Harmless"});
    EXPECT_EQ(judgement.reason(), "accept");
    judgement.findings.push_back({"two", "Odd"});
    judgement.demand(Disposition::quarantine);
    judgement.findings.push_back({"three", "Bad words"});
    judgement.demand(Disposition::junk);
    EXPECT_EQ(judgement.reason(), "two: Odd");
    judgement.demand(Disposition::reject, smtp::ground("score").because("three (9.0)"),
                     Because::all_findings);
    EXPECT_EQ(judgement.reason(), "score: " + judgement.reply->lines.front());
    judgement.demand(Disposition::reject, smtp::ground("dnsbl").plain());
    EXPECT_FALSE(judgement.decisive);
}

TEST(JudgementTest, ScoresOfAllFindingsAddUp) {
    const Judgement judgement{.findings = {{"a", "A", 1.5}, {"b", "B", -0.5}}};
    EXPECT_DOUBLE_EQ(judgement.score(), 1.0);
}

TEST(PlacementTest, IsAnAccountsOwnOrThatOfTheRest) {
    using engine::AccountId;
    std::vector<Placement> placements{{.account = AccountId(1), .fields = "one"}};
    EXPECT_EQ(find_placement(placements, AccountId(1))->fields, "one");
    EXPECT_EQ(find_placement(placements, AccountId(2)), nullptr);
    EXPECT_EQ(find_placement(placements, std::nullopt), nullptr);
    placements.push_back({.fields = "rest"});
    EXPECT_EQ(find_placement(placements, AccountId(1))->fields, "one");
    EXPECT_EQ(find_placement(placements, AccountId(2))->fields, "rest");
    EXPECT_EQ(find_placement(placements, std::nullopt)->fields, "rest");
}

TEST(JudgementTest, TextIsWhatAJudgeMadeOfTheMessage) {
    const smtp::Deliver came{
        .client = {}, .envelope = {}, .message = std::make_shared<const std::string>("as it came")};
    Judgement judgement;
    EXPECT_EQ(judgement.text(came), "as it came");
    judgement.message = std::make_shared<const std::string>("changed");
    EXPECT_EQ(judgement.text(came), "changed");
}

}  // namespace hongyan::spam
