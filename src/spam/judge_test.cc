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

TEST(JudgementTest, ScoresOfAllFindingsAddUp) {
    const Judgement judgement{.findings = {{"a", "A", 1.5}, {"b", "B", -0.5}}};
    EXPECT_DOUBLE_EQ(judgement.score(), 1.0);
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
