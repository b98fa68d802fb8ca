// The classifier as a judge: who is judged by what, and what is then said.
#include "spam/classifier.h"

#include <atomic>
#include <chrono>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "classify/features.h"
#include "engine/memory_engine.h"
#include "store/store.h"

namespace hongyan::spam {
namespace {

using classify::Label;
using testing::HasSubstr;

std::string mail(std::string_view words) {
    return fmt::format(
        "From: Someone <someone@example.org>\r\nTo: you@here.test\r\nSubject: {0}\r\n\r\n{0}\r\n", words);
}
const std::string pills = mail("cheap pills without a doctor, order now");
const std::string minutes = mail("minutes of our meeting on Monday in the office");

class ClassifierTest : public testing::Test {
protected:
    ClassifierTest() {
        EXPECT_TRUE(directory.add_domain(directory::DomainName::parse("here.test").value()));
        EXPECT_TRUE(output.apply({log::Format::human, log::Level::error, ""}));
        ann = add("ann@here.test");
        bob = add("bob@here.test");
    }
    AccountId add(const std::string& name) {
        const auto id =
            directory.add_account({.name = name, .password = directory::ImportedHash{"{PLAIN}secret"}})
                .value();
        EXPECT_TRUE(store.create_account(id));
        return id;
    }
    void teach(std::optional<AccountId> account, bool shared, Label pills_are, Label minutes_are,
               int times = 30) {
        for (int i = 0; i < times; ++i)
            ASSERT_TRUE(
                models->teach({.account = account, .shared = shared}, [&](Pupil& pupil) -> Result<void> {
                    pupil.learn(classify::look_at(pills, std::nullopt).features, pills_are);
                    pupil.learn(classify::look_at(minutes, std::nullopt).features, minutes_are);
                    return {};
                }));
    }
    Judgement judge(const std::string& raw, const std::vector<std::string>& recipients,
                    std::string account = {}) {
        smtp::Deliver came{.client = {.address = "192.0.2.1", .account = std::move(account)},
                           .envelope = {},
                           .message = std::make_shared<const std::string>(raw)};
        for (const auto& recipient : recipients)
            came.envelope.recipients.push_back(
                {.path = message::parse_path(fmt::format("<{}>", recipient)).value()});
        const auto visit = classifier->visit(came.client, log::Log(output));
        Judgement judgement;
        net::asio::io_context context(1);
        auto talk = [&]() -> net::Task<> { co_await visit->message(came, judgement); };
        net::asio::co_spawn(context.get_executor(), talk(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
        return judgement;
    }

    ManualClock clock;
    SystemRandom random;
    log::Output output{clock};
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    store::Store store{*engine, clock};
    directory::Directory directory{
        *engine, clock, random, {}, crypto::Seal(crypto::Secret(random.bytes(crypto::seal_key_size)))};
    net::Workers workers{1, 10};
    std::shared_ptr<Models> models = std::make_shared<Models>(*engine);
    std::shared_ptr<Judge> classifier =
        make_classifier({.models = models, .directory = directory, .workers = workers, .clock = clock});
    AccountId ann, bob;
};

TEST_F(ClassifierTest, SaysNothingBeforeItHasLearned) {
    const auto judgement = judge(pills, {"ann@here.test"});
    EXPECT_TRUE(judgement.findings.empty());
    EXPECT_EQ(judgement.fields, "");
    EXPECT_EQ(judgement.disposition, Disposition::accept);
}

TEST_F(ClassifierTest, PutsJunkAsideAndSaysWhy) {
    teach(std::nullopt, true, Label::junk, Label::good);
    const auto junk = judge(pills, {"ann@here.test", "bob@here.test"});
    EXPECT_EQ(junk.disposition, Disposition::junk);
    EXPECT_GE(junk.score(), classify::junk_points);
    EXPECT_THAT(junk.fields, HasSubstr("X-Hongyan-Junk: yes"));
    EXPECT_THAT(junk.fields, HasSubstr("frequent in junk"));
    const auto good = judge(minutes, {"ann@here.test"});
    EXPECT_EQ(good.disposition, Disposition::accept);
    EXPECT_LT(good.score(), 0);
    EXPECT_THAT(good.fields, HasSubstr("X-Hongyan-Junk: no"));
}

// Of a short message for few a worker that is busy elsewhere need not be waited for; nothing else depends on
// where it is looked at.
TEST_F(ClassifierTest, WhereAMessageIsLookedAtMakesNoDifference) {
    teach(std::nullopt, true, Label::junk, Label::good);
    ASSERT_EQ(judge(pills, {"ann@here.test"}).disposition, Disposition::junk) << "now the model is in memory";
    const auto here = judge(pills, {"ann@here.test"});
    std::promise<void> released;
    std::atomic<bool> waited_in_vain = false;
    ASSERT_TRUE(workers.submit([&, wait = released.get_future()] {
        waited_in_vain = wait.wait_for(std::chrono::seconds(10)) == std::future_status::timeout;
    }));
    EXPECT_EQ(judge(pills, {"ann@here.test"}).fields, here.fields) << "on the session's thread";
    EXPECT_FALSE(waited_in_vain) << "while the only worker was busy";
    released.set_value();
    std::string large = pills;
    while (large.size() < 100'000) large += "cheap pills without a doctor, order now\r\n";
    EXPECT_EQ(judge(large, {"ann@here.test"}).disposition, Disposition::junk) << "on a worker";
}

TEST_F(ClassifierTest, JudgesWhatIsForOneAccountByWhatItHasTaught) {
    teach(std::nullopt, true, Label::junk, Label::good);
    teach(ann, false, Label::good, Label::junk, 60);
    EXPECT_EQ(judge(pills, {"ann@here.test"}).disposition, Disposition::accept);
    EXPECT_EQ(judge(pills, {"bob@here.test"}).disposition, Disposition::junk);
}

TEST_F(ClassifierTest, JudgesWhatIsForSeveralForEachByWhatItHasTaught) {
    teach(std::nullopt, true, Label::junk, Label::good);
    teach(ann, false, Label::good, Label::junk, 60);
    const auto judgement = judge(pills, {"ann@here.test", "bob@here.test"});
    EXPECT_EQ(judgement.disposition, Disposition::accept) << "it depends on whose it is";
    EXPECT_EQ(judgement.fields, "");
    const auto* const for_ann = find_placement(judgement.placements, ann);
    const auto* const for_bob = find_placement(judgement.placements, bob);
    ASSERT_TRUE(for_ann && for_bob);
    EXPECT_FALSE(for_ann->is_junk);
    EXPECT_THAT(for_ann->fields, HasSubstr("X-Hongyan-Junk: no"));
    EXPECT_TRUE(for_bob->is_junk);
    EXPECT_THAT(for_bob->fields, HasSubstr("X-Hongyan-Junk: yes"));
    EXPECT_FALSE(for_bob->findings.empty());
    EXPECT_EQ(for_bob, find_placement(judgement.placements, std::nullopt)) << "and for those elsewhere";
}

TEST_F(ClassifierTest, ManyAccountsAreJudgedTogetherWhereTheyHaveTaughtNothing) {
    teach(std::nullopt, true, Label::junk, Label::good);
    EXPECT_TRUE(judge(pills, {"ann@here.test", "bob@here.test"}).placements.empty());
}

TEST_F(ClassifierTest, WithoutTheSharedModelOnlyAnAccountsOwnCounts) {
    teach(std::nullopt, true, Label::junk, Label::good);
    classifier = make_classifier(
        {.models = models, .directory = directory, .workers = workers, .clock = clock, .shared = false});
    EXPECT_TRUE(judge(pills, {"bob@here.test"}).findings.empty());
    teach(ann, false, Label::good, Label::junk, 60);
    EXPECT_EQ(judge(minutes, {"ann@here.test"}).disposition, Disposition::junk);
    const auto both = judge(minutes, {"ann@here.test", "bob@here.test"});
    EXPECT_TRUE(find_placement(both.placements, ann)->is_junk);
    EXPECT_FALSE(find_placement(both.placements, bob)->is_junk);
}

TEST_F(ClassifierTest, OfWhatAccountsSendItOnlyTellsItsFindings) {
    teach(std::nullopt, true, Label::junk, Label::good);
    classifier = make_classifier(
        {.models = models, .directory = directory, .workers = workers, .clock = clock, .outgoing = true});
    const auto judgement = judge(pills, {"eve@far.test"}, "ann@here.test");
    EXPECT_GE(judgement.score(), classify::junk_points);
    EXPECT_EQ(judgement.disposition, Disposition::accept);
    EXPECT_EQ(judgement.fields, "") << "what others are told of it";
}

TEST_F(ClassifierTest, LeavesAloneWhatPeopleOfOursSend) {
    EXPECT_EQ(classifier->visit({.address = "192.0.2.1", .account = "ann@here.test"}, log::Log(output)),
              nullptr);
}

// A loop is for all its sessions: who looks for many accounts, or in large messages, is a worker.
TEST_F(ClassifierTest, WhatIsForManyIsLeftToWorkers) {
    teach(std::nullopt, true, Label::junk, Label::good);
    add("carol@here.test");
    const std::vector<std::string> team{"ann@here.test", "bob@here.test", "carol@here.test"};
    ASSERT_TRUE(directory.add_alias("team@here.test", team));
    net::Workers busy{1, 0};  // takes nothing
    classifier = make_classifier({.models = models, .directory = directory, .workers = busy, .clock = clock});
    const auto is_judged = [&](const std::string& raw, const std::vector<std::string>& recipients) {
        return !judge(raw, recipients).findings.empty();
    };
    EXPECT_TRUE(is_judged(pills, {"ann@here.test", "bob@here.test"})) << "for few nobody is woken";
    EXPECT_FALSE(is_judged(pills, team));
    EXPECT_FALSE(is_judged(pills, {"team@here.test"})) << "one name, and many behind it";
    EXPECT_FALSE(is_judged(pills + std::string(std::size_t{40} << 10U, 'x'), {"ann@here.test"}));
}

}  // namespace
}  // namespace hongyan::spam
