// How log-ins are let in, counted and told of.
#include "flow/door.h"

#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using reputation::Entry;
using reputation::Site;
using reputation::Subject;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

constexpr std::string_view here = "192.0.2.1", elsewhere = "198.51.100.7", ann_name = "ann@here.test";

class DoorTest : public FlowTest {
protected:
    DoorTest() { world.reputation = &reputation; }

    // "granted ann@here.test", or why not.
    std::string try_password(Door& door, std::string_view name, std::string_view password) {
        door.began("PLAIN");
        const sasl::Question question = sasl::VerifyPassword{{std::string(name), ""}, std::string(password)};
        net::asio::io_context context(1);
        std::optional<sasl::Answer> answer;
        auto talk = [&]() -> net::Task<> { answer = co_await door.answer(question); };
        net::asio::co_spawn(context.get_executor(), talk(), [](const std::exception_ptr& broken) {
            if (broken) std::rethrow_exception(broken);
        });
        context.run();
        const auto outcome = end(door, *answer);
        settle();
        return outcome;
    }
    std::string try_password(std::string_view password, std::string_view address = here) {
        Door door(world, "imap", std::string(address), world.log);
        return try_password(door, ann_name, password);
    }
    // Each of its own session, all at once; `hear` is told of each answer, on one thread. Nobody is slowed
    // down for longer than that.
    using Hear = std::function<void(Door&, const sasl::Answer&)>;
    void ask_at_once(const std::vector<sasl::Question>& questions, const Hear& hear,
                     std::chrono::milliseconds longest_delay = {},
                     std::chrono::milliseconds time_for_a_proof = std::chrono::minutes(1)) {
        reputation::Reputation hasty(*engine, clock, {.door = {.longest_delay = longest_delay}});
        net::Workers notes(1, 10 * questions.size()), many(2, questions.size());
        const World busy{store, directory, queue, notes, many, clock, world.log,
                         {},    {},        {},    {},    {},   {},    &hasty};
        net::asio::io_context context(1);
        std::vector<std::unique_ptr<Door>> doors;
        for (const auto& question : questions) {
            doors.push_back(
                std::make_unique<Door>(busy, "imap", std::string(here), world.log, time_for_a_proof));
            doors.back()->began("any");
            auto talk = [&door = *doors.back(), &hear, question]() -> net::Task<> {
                hear(door, co_await door.answer(question));
            };
            net::asio::co_spawn(context, talk, [](const std::exception_ptr& broken) {
                if (broken) std::rethrow_exception(broken);
            });
        }
        context.run();
    }
    static std::string end(Door& door, const sasl::Answer& answer) {
        if (const auto* granted = std::get_if<sasl::Granted>(&answer)) {
            door.granted(granted->account);
            return "granted " + granted->account;
        }
        const auto& refused = std::get<sasl::Refused>(answer);
        door.refused(refused);
        return refused.why == sasl::Refusal::unavailable ? "unavailable" : "refused";
    }
    // Until what the workers note is kept.
    void settle() {
        const auto done = std::make_shared<std::promise<void>>();
        ASSERT_TRUE(workers.submit([done] { done->set_value(); }));
        ASSERT_EQ(done->get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
        reputation.notebook().flush();
    }
    Entry entry(std::string_view address) {
        return reputation.door().may_try({.account = std::string(ann_name), .address = std::string(address)});
    }
    std::vector<std::string> history() {
        std::vector<std::string> rows;
        for (const auto& record : reputation.log_ins().of(ann).value())
            rows.push_back(fmt::format("{} {} {} {} {}", record.event.protocol, record.event.address,
                                       record.event.how, record.event.outcome, record.times));
        return rows;
    }

    reputation::Reputation reputation{*engine, clock};
};

TEST_F(DoorTest, WhoComesInIsToldOfAndKnownThereFromThenOn) {
    EXPECT_EQ(try_password("secret"), "granted ann@here.test");
    EXPECT_THAT(history(), ElementsAre("imap 192.0.2.1 PLAIN ok 1"));
    ASSERT_TRUE(reputation.bans().shut_out(Subject::of(ann_name), "Somebody guesses"));
    EXPECT_EQ(entry(here).way, Entry::Way::open) << "where she has been";
    EXPECT_EQ(entry(elsewhere).way, Entry::Way::app_password_only);
}

TEST_F(DoorTest, AGuessIsCountedOnceForTheAccountAsTheDirectoryWritesIt) {
    const auto failures = [&] {  // until the account is locked there
        int more = 0;
        while (entry(here).way == Entry::Way::open) {
            (void)reputation.door().failed({std::string(ann_name), std::string(here)}, {});
            reputation.notebook().flush();
            ++more;
        }
        return more;
    };
    Door door(world, "smtp", std::string(here), world.log);
    EXPECT_EQ(try_password(door, "ANN@Here.test", "guess"), "refused");
    EXPECT_EQ(try_password("guess"), "refused") << "in another session, and the same";
    EXPECT_EQ(failures(), 9) << "of ten";
    EXPECT_THAT(history(),
                testing::UnorderedElementsAre(HasSubstr("smtp 192.0.2.1 PLAIN wrong name or password 1"),
                                              HasSubstr("imap 192.0.2.1 PLAIN wrong name or password 1")));
}

TEST_F(DoorTest, WhoIsLockedOutIsNotLookedAtAndNotCounted) {
    ASSERT_TRUE(reputation.bans().add(Subject::of(ann_name, Site::of(here).value()), "Enough", std::nullopt));
    EXPECT_EQ(try_password("secret"), "unavailable") << "even with the right password";
    EXPECT_EQ(try_password("guess"), "unavailable");
    EXPECT_EQ(try_password("secret", elsewhere), "granted ann@here.test");
    ASSERT_TRUE(reputation.bans().lift(Subject::of(ann_name, Site::of(here).value())));
    EXPECT_EQ(entry(here).delay.count(), 0) << "nothing was counted";
    EXPECT_THAT(history(), testing::Contains("imap 192.0.2.1 PLAIN not taken for now 2"));
}

TEST_F(DoorTest, AGuardedAccountOpensToItsAppPasswordsAndGuessesAtThemCount) {
    const auto phone = directory.add_app_password(ann, {.name = "Phone"}).value();
    ASSERT_TRUE(reputation.bans().add(Subject::of(ann_name), "Somebody guesses", std::nullopt));
    EXPECT_EQ(try_password("secret", elsewhere), "unavailable");
    EXPECT_EQ(try_password(phone, elsewhere), "granted ann@here.test");
    EXPECT_THAT(history(), testing::Contains("imap 198.51.100.7 app password Phone ok 1"));
    EXPECT_EQ(reputation.door().failed({std::string(ann_name), "203.0.113.1"}, "another guess").has_value(),
              false);
    EXPECT_EQ(try_password("guess 1", "203.0.113.1"), "unavailable");
    EXPECT_GT(entry("203.0.113.1").delay.count(), 0) << "the second failure from there slows down";
}

TEST_F(DoorTest, GuessesAtOnceAreNoMoreThanThoseOneByOne) {
    std::vector<sasl::Question> guesses;
    for (int i = 0; i < 38; ++i)
        guesses.emplace_back(sasl::VerifyPassword{{std::string(ann_name), ""}, fmt::format("guess {}", i)});
    std::vector<std::pair<Door*, sasl::Answer>> heard;
    std::map<std::string, int> outcomes;
    ask_at_once(guesses, [&](Door& door, const sasl::Answer& answer) {
        heard.emplace_back(&door, answer);
        if (heard.size() < guesses.size()) return;  // the first hears how it ended when all have been asked
        for (const auto& [each, outcome] : heard) ++outcomes[end(*each, outcome)];
    });
    EXPECT_THAT(outcomes, ElementsAre(testing::Pair("refused", 10), testing::Pair("unavailable", 28)));
}

TEST_F(DoorTest, ProofsAtOnceAreNoMoreThanThoseOneByOne) {
    const std::vector<sasl::Question> questions(38, sasl::FetchScramKeys{{std::string(ann_name), ""}});
    std::vector<Door*> shown;
    int unavailable = 0;
    ask_at_once(questions, [&](Door& door, const sasl::Answer& answer) {
        const auto* refused = std::get_if<sasl::Refused>(&answer);
        if (refused != nullptr && refused->why == sasl::Refusal::unavailable)
            ++unavailable;
        else
            shown.push_back(&door);
        if (shown.size() != 10) return;
        for (auto* each : shown) each->refused({sasl::Refusal::wrong_credentials, "wrong proof"});
    });
    EXPECT_EQ(shown.size(), 10U);
    EXPECT_EQ(unavailable, 28);
}

TEST_F(DoorTest, WhoIsSlowedDownTakesNobodysPlaceMeanwhile) {
    const reputation::Attempt attempt{.account = std::string(ann_name), .address = std::string(here)};
    for (int i = 0; i < 8; ++i) (void)reputation.door().failed(attempt, {});  // of ten
    reputation.notebook().flush();
    EXPECT_GT(entry(here).delay, std::chrono::seconds(1));
    net::Workers one(1, 10);
    const World busy{store, directory, queue, workers, one, clock, world.log,
                     {},    {},        {},    {},      {},  {},    &reputation};
    net::asio::io_context context(1);
    Door first(busy, "imap", std::string(here), world.log),
        second(busy, "imap", std::string(here), world.log);
    for (auto* door : {&first, &second}) {
        auto talk = [door]() -> net::Task<> {
            (void)co_await door->answer(sasl::FetchScramKeys{{std::string(ann_name), ""}});
        };
        net::asio::co_spawn(context, talk, [](const std::exception_ptr&) {});
    }
    context.poll();  // both ask
    std::promise<void> both_looked_at;
    ASSERT_TRUE(one.submit([&] { both_looked_at.set_value(); }));
    both_looked_at.get_future().wait();
    context.poll();  // and hear that they are to wait
    reputation::UnderWay::Waiter ninth(reputation.door().under_way(), [] {}),
        tenth(reputation.door().under_way(), [] {});
    const auto one_more = reputation.door().begin(attempt, ninth);
    EXPECT_EQ(one_more.way, Entry::Way::open);
    EXPECT_EQ(reputation.door().begin(attempt, tenth).way, Entry::Way::open);
}

TEST_F(DoorTest, WhoWasSlowedDownHasAPlaceWhenHeIsAnswered) {
    for (int i = 0; i < 2; ++i)
        (void)reputation.door().failed({std::string(ann_name), std::string(here)}, {});
    reputation.notebook().flush();
    const std::vector<sasl::Question> questions(38, sasl::FetchScramKeys{{std::string(ann_name), ""}});
    std::vector<Door*> shown;
    const auto hear = [&](Door& door, const sasl::Answer& answer) {
        const auto* refused = std::get_if<sasl::Refused>(&answer);
        if (refused != nullptr && refused->why == sasl::Refusal::unavailable) return;
        shown.push_back(&door);
        if (shown.size() != 8) return;
        for (auto* each : shown) each->refused({sasl::Refusal::wrong_credentials, "wrong proof"});
    };
    ask_at_once(questions, hear, std::chrono::milliseconds(1));
    EXPECT_EQ(shown.size(), 8U);
}

TEST_F(DoorTest, WhoLeavesWithoutAProofMakesRoom) {
    const std::vector<sasl::Question> questions(38, sasl::FetchScramKeys{{std::string(ann_name), ""}});
    int shown = 0;
    ask_at_once(questions, [&](Door& door, const sasl::Answer& answer) {
        const auto* refused = std::get_if<sasl::Refused>(&answer);
        if (refused == nullptr || refused->why != sasl::Refusal::unavailable) ++shown;
        door.refused({sasl::Refusal::cancelled, "cancelled"});
    });
    EXPECT_EQ(shown, 38);
}

TEST_F(DoorTest, WhoKeepsHisProofBackMakesRoomAndIsTooLate) {
    const std::vector<sasl::Question> questions(38, sasl::FetchScramKeys{{std::string(ann_name), ""}});
    std::vector<Door*> shown;
    int too_late = 0;
    const auto hear = [&](Door& door, const sasl::Answer& answer) {
        const auto* refused = std::get_if<sasl::Refused>(&answer);
        if (refused != nullptr && refused->why == sasl::Refusal::unavailable) return;
        EXPECT_FALSE(door.is_too_late());
        shown.push_back(&door);
        if (shown.size() < questions.size()) return;
        too_late = static_cast<int>(std::ranges::count_if(shown, &Door::is_too_late));
        door.refused({sasl::Refusal::cancelled, "cancelled"});
        EXPECT_FALSE(door.is_too_late());
    };
    ask_at_once(questions, hear, {}, std::chrono::milliseconds(1));
    EXPECT_EQ(shown.size(), questions.size());
    EXPECT_GE(too_late, 28) << "no more than ten had a place at a time";
}

TEST_F(DoorTest, WhoKnowsThePasswordWaitsForOthersAtMost) {
    const std::vector<sasl::Question> right(100, sasl::VerifyPassword{{std::string(ann_name), ""}, "secret"});
    std::map<std::string, int> outcomes;
    ask_at_once(right, [&](Door& door, const sasl::Answer& answer) { ++outcomes[end(door, answer)]; });
    EXPECT_THAT(outcomes, ElementsAre(testing::Pair("granted ann@here.test", 100)));
}

TEST_F(DoorTest, NamesThatAreNobodysAreCountedAndNotToldOf) {
    Door door(world, "imap", std::string(here), world.log);
    EXPECT_EQ(try_password(door, "nobody@here.test", "guess 1"), "refused");
    EXPECT_EQ(try_password(door, "no name", "guess 2"), "refused");
    EXPECT_THAT(history(), testing::IsEmpty());
    EXPECT_GT(entry(here).delay.count(), 0) << "two from one site";
}

TEST_F(DoorTest, OnAUnixSocketNobodyIsCounted) {
    for (int i = 0; i < 12; ++i) EXPECT_EQ(try_password(fmt::format("guess {}", i), ""), "refused");
    EXPECT_EQ(try_password("secret", ""), "granted ann@here.test");
}

TEST_F(DoorTest, WhatGoesWrongOnOurSideIsNoGuess) {
    Door door(world, "imap", std::string(here), world.log);
    for (int i = 0; i < 20; ++i) {
        door.began("PLAIN");
        door.refused({sasl::Refusal::unavailable, "the disk is broken"});
        door.refused({sasl::Refusal::cancelled, ""});
        door.refused({sasl::Refusal::malformed, ""});
    }
    settle();
    EXPECT_EQ(entry(here).way, Entry::Way::open);
    EXPECT_EQ(entry(here).delay.count(), 0);
}

}  // namespace
}  // namespace hongyan::flow
