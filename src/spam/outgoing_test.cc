// What becomes of mail that accounts send.
#include "spam/outgoing.h"

#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

using config::OutgoingChecks;

class OutgoingTest : public testing::Test {
protected:
    Judgement judged(OutgoingChecks checks, Judgement judgement) {
        const smtp::Client ann{.account = "ann@here.test"};
        Outgoing judge(checks, 8);
        run(judge.visit(ann, log::Log(output))
                ->message(mail(ann, "ann@here.test", {"x@far.test"}), judgement));
        return judgement;
    }

    ManualClock clock;
    log::Output output{clock};
};

TEST_F(OutgoingTest, JunkIsRefusedOrHeldAsTheSettingsSay) {
    const Judgement junk{.findings = {{"link-list", "A link", 7}, {"learned-word", "A word", 1}}};
    EXPECT_EQ(judged(OutgoingChecks::off, junk).disposition, Disposition::accept);
    const auto refused = judged(OutgoingChecks::refuse, junk);
    EXPECT_EQ(refused.disposition, Disposition::reject);
    EXPECT_EQ(said(refused.reply),
              "550 5.7.1 What you send looks like junk; your postmaster can tell why (outgoing-junk)");
    const auto held = judged(OutgoingChecks::hold, junk);
    EXPECT_EQ(held.disposition, Disposition::quarantine);
    EXPECT_EQ(held.findings.back().code, "outgoing-junk");
    EXPECT_EQ(judged(OutgoingChecks::refuse, {.findings = {{"link-list", "A link", 7.9}}}).disposition,
              Disposition::accept);
}

TEST_F(OutgoingTest, WhatAFilterTakesForJunkIsJunk) {
    const Judgement junk{.disposition = Disposition::junk};
    EXPECT_EQ(judged(OutgoingChecks::off, junk).disposition, Disposition::junk);
    EXPECT_EQ(judged(OutgoingChecks::refuse, junk).disposition, Disposition::reject);
    EXPECT_EQ(judged(OutgoingChecks::hold, junk).disposition, Disposition::quarantine);
    EXPECT_EQ(judged(OutgoingChecks::refuse, {.disposition = Disposition::defer}).disposition,
              Disposition::defer);
}

TEST_F(OutgoingTest, AVirusIsNeverSent) {
    for (const auto disposition : {Disposition::accept, Disposition::junk}) {
        const auto refused = judged(OutgoingChecks::off, {.disposition = disposition, .is_infected = true});
        EXPECT_EQ(refused.disposition, Disposition::reject);
        EXPECT_THAT(said(refused.reply), testing::EndsWith("(outgoing-virus)"));
    }
    EXPECT_EQ(judged(OutgoingChecks::hold, {.disposition = Disposition::quarantine, .is_infected = true})
                  .disposition,
              Disposition::quarantine)
        << "somebody looks at it";
}

TEST_F(OutgoingTest, StrangersAreNotItsBusiness) {
    EXPECT_EQ(Outgoing(OutgoingChecks::refuse, 8).visit({.address = "192.0.2.1"}, log::Log(output)), nullptr);
}

}  // namespace
}  // namespace hongyan::spam
