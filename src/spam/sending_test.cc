// What accounts send is counted, whoever else judges it.
#include "spam/sending.h"

#include <atomic>
#include <future>
#include <thread>

#include "engine/memory_engine.h"
#include "reputation/reputation.h"
#include "spam/visiting_for_test.h"

namespace hongyan::spam {
namespace {

using namespace std::chrono_literals;

const smtp::Client ann{.address = "192.0.2.1", .account = "ann@here.test"};

class SendingTest : public testing::Test {
protected:
    using Session = std::unique_ptr<Visit>;
    Session session() { return judge.visit(ann, log::Log(output)); }
    std::string from(Visit& visit) {
        return said(run(visit.sender({.client = ann, .sender = to_path("ann@here.test"), .parameters = {}})));
    }
    std::string to(Visit& visit, std::string_view recipient) {
        return said(run(visit.recipient({.client = ann,
                                         .sender = to_path("ann@here.test"),
                                         .parameters = {},
                                         .recipient = {.path = to_path(recipient)}})));
    }
    // What was taken is for those.
    void kept(Visit& visit, std::initializer_list<std::string_view> recipients, int code = 250,
              const Judgement& judgement = {}) {
        visit.kept(mail(ann, "ann@here.test", recipients), judgement, {smtp::Reply{code, "", "Words"}});
        reputation.notebook().flush();
    }
    std::string send(Visit& visit, std::initializer_list<std::string_view> recipients) {
        if (auto refused = from(visit); !refused.empty()) return refused;
        for (const auto recipient : recipients)
            if (auto refused = to(visit, recipient); !refused.empty()) return refused;
        kept(visit, recipients);
        return "";
    }
    void limit(const reputation::SendingOptions& limits) {
        reputation::Options options;
        options.sending = limits;
        reputation.apply(options);
    }
    bool has_written_to(std::string_view address) {
        return reputation.sending().correspondents().knows(ann.account, address);
    }

    ManualClock clock;
    log::Output output{clock};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    reputation::Reputation reputation{*engine, clock};
    net::Workers workers{2, 100};
    SendingLimits judge{reputation.sending(), workers};
};

TEST_F(SendingTest, WhereNobodyCanLookTheSenderWaits) {
    net::Workers busy{1, 0};
    SendingLimits waiting(reputation.sending(), busy);
    const auto visit = waiting.visit(ann, log::Log(output));
    const auto refused =
        run(visit->sender({.client = ann, .sender = to_path("ann@here.test"), .parameters = {}}));
    ASSERT_TRUE(refused);
    EXPECT_EQ(smtp::to_text(*refused), "451 4.3.2 Too much to do, please try again later");
    EXPECT_EQ(refused->ground, "judge-busy");
}

TEST_F(SendingTest, OnlyAccountsAreCounted) {
    EXPECT_EQ(judge.visit({.address = "192.0.2.1"}, log::Log(output)), nullptr);
}

TEST_F(SendingTest, WhatIsUnderWayInOtherSessionsCounts) {
    limit({.messages = {2, 1h}, .recipients = {}, .recipients_of_a_day = {}, .strangers = {}});
    const auto one = session(), two = session(), three = session();
    EXPECT_EQ(from(*one), "");
    EXPECT_EQ(from(*two), "");
    EXPECT_THAT(from(*three),
                testing::AllOf(testing::StartsWith("450 4.7.1 "), testing::EndsWith("(sending-limit)")));
    kept(*one, {}, 451);
    EXPECT_EQ(from(*three), "") << "what was not taken is given back";
}

TEST_F(SendingTest, WhatIsGivenUpIsGivenBack) {
    limit({.messages = {1, 1h}, .recipients = {2, 1h}, .recipients_of_a_day = {}, .strangers = {}});
    auto one = session();
    EXPECT_EQ(from(*one), "");
    EXPECT_EQ(to(*one, "x@far.test"), "");
    EXPECT_EQ(to(*one, "y@far.test"), "");
    EXPECT_THAT(to(*one, "z@far.test"), testing::HasSubstr("recipients in an hour"));
    EXPECT_EQ(from(*one), "") << "RSET and another MAIL";
    EXPECT_EQ(to(*one, "z@far.test"), "");
    one.reset();
    const auto two = session();
    EXPECT_EQ(send(*two, {"x@far.test", "y@far.test"}), "") << "the client has gone";
    EXPECT_THAT(from(*two), testing::HasSubstr("messages in an hour")) << "and this one counts";
}

// RSET: other sessions of the account need not wait for the next MAIL of this one.
TEST_F(SendingTest, WhatIsAbandonedIsGivenBackAtOnce) {
    limit({.messages = {1, 1h}, .recipients = {1, 1h}, .recipients_of_a_day = {}, .strangers = {}});
    const auto one = session(), two = session();
    EXPECT_EQ(from(*one), "");
    EXPECT_EQ(to(*one, "x@far.test"), "");
    EXPECT_THAT(from(*two), testing::HasSubstr("messages in an hour"));
    run(one->abandon());
    EXPECT_EQ(from(*two), "");
    EXPECT_EQ(to(*two, "x@far.test"), "");
}

// Eight sessions with two messages each want what is enough for nine recipients.
TEST_F(SendingTest, TheLimitIsExactHoweverManySessionsThereAre) {
    limit({.messages = {}, .recipients = {9, 1h}, .recipients_of_a_day = {}, .strangers = {}});
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> sessions;
        sessions.reserve(8);
        for (int i = 0; i < 8; ++i)
            sessions.emplace_back([&] {
                const auto visit = session();
                for (int message = 0; message < 2; ++message)
                    if (send(*visit, {"x@far.test"}).empty()) ++taken;
            });
    }
    EXPECT_EQ(taken, 9);
}

// The next message may come before the disk has the last one.
TEST_F(SendingTest, WhomAnAccountHasJustWrittenToIsNoStranger) {
    limit({.messages = {}, .recipients = {}, .recipients_of_a_day = {}, .strangers = {1, 24h}});
    std::promise<void> go_on;
    reputation.notebook().note(
        [gate = go_on.get_future().share()](engine::Transaction&) { gate.wait_for(10s); });
    const auto one = session(), two = session();
    EXPECT_EQ(from(*one), "");
    EXPECT_EQ(to(*one, "x@far.test"), "");
    one->kept(mail(ann, "ann@here.test", {"x@far.test"}), {}, {smtp::Reply{250, "", "Words"}});
    EXPECT_FALSE(has_written_to("x@far.test")) << "it waits";
    EXPECT_EQ(from(*two), "");
    EXPECT_EQ(to(*two, "X@far.test"), "");
    EXPECT_THAT(to(*two, "y@far.test"), testing::HasSubstr("have not written before"));
    go_on.set_value();
    reputation.notebook().flush();
    EXPECT_TRUE(has_written_to("x@far.test"));
}

TEST_F(SendingTest, WhomAnotherJudgeRefusesIsNotWrittenTo) {
    limit({.messages = {}, .recipients = {3, 1h}, .recipients_of_a_day = {}, .strangers = {2, 24h}});
    const auto visit = session();
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "x@far.test"), "");
    EXPECT_EQ(to(*visit, "y@far.test"), "");
    kept(*visit, {"x@far.test"});  // a filter has refused y
    EXPECT_TRUE(has_written_to("x@far.test"));
    EXPECT_FALSE(has_written_to("y@far.test"));
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "y@far.test"), "") << "one stranger was counted, not two";
    Judgement changed{.envelope = mail(ann, "ann@here.test", {"bcc@far.test"}).envelope};
    kept(*visit, {"y@far.test"}, 250, changed);  // a filter has taken y off and put another there
    EXPECT_FALSE(has_written_to("y@far.test"));
    EXPECT_FALSE(has_written_to("bcc@far.test")) << "it was not the account that wrote there";
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "x@far.test"), "");
    EXPECT_THAT(to(*visit, "x@far.test"), testing::HasSubstr("recipients in an hour")) << "but one it was";
}

// A filter puts others in the place of those who were asked for, or beside them.
TEST_F(SendingTest, RecipientsThatAFilterRewritesCountAsThoseOfTheAccount) {
    limit({.messages = {}, .recipients = {4, 1h}, .recipients_of_a_day = {}, .strangers = {3, 24h}});
    const auto visit = session();
    EXPECT_EQ(from(*visit), "");
    for (const auto* recipient : {"x@far.test", "y@far.test"}) EXPECT_EQ(to(*visit, recipient), "");
    Judgement rewritten{.envelope = mail(ann, "ann@here.test", {"x@new.test", "y@new.test"}).envelope};
    kept(*visit, {"x@far.test", "y@far.test"}, 250, rewritten);
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "x@far.test"), "");
    EXPECT_THAT(to(*visit, "y@far.test"), testing::HasSubstr("have not written before")) << "three strangers";
    Judgement copied{.envelope = mail(ann, "ann@here.test", {"x@far.test", "archive@here.test"}).envelope};
    kept(*visit, {"x@far.test"}, 250, copied);
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "x@far.test"), "") << "a copy that a filter adds is not the account's";
    EXPECT_THAT(to(*visit, "x@far.test"), testing::HasSubstr("recipients in an hour"));
}

TEST_F(SendingTest, ARecipientWhoIsNamedTwiceCountsAsOftenAsTheMessageGoesToHim) {
    limit({.messages = {}, .recipients = {4, 1h}, .recipients_of_a_day = {}, .strangers = {}});
    const auto visit = session();
    EXPECT_EQ(from(*visit), "");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(to(*visit, "x@far.test"), "");
    kept(*visit, {"x@far.test", "x@far.test", "x@far.test"});
    EXPECT_EQ(from(*visit), "");
    EXPECT_EQ(to(*visit, "x@far.test"), "") << "the fourth";
    EXPECT_THAT(to(*visit, "x@far.test"), testing::HasSubstr("recipients in an hour"));
}

}  // namespace
}  // namespace hongyan::spam
