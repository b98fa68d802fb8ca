#include "flow/dropped.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "drop/taken.h"
#include "dsn/parse.h"
#include "engine/memory_engine.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DroppedTest : public testing::Test {
protected:
    DroppedTest() {
        EXPECT_TRUE(directory_.add_domain(directory::DomainName::parse("here.test").value()));
        EXPECT_TRUE(output_.apply({log::Format::human, log::Level::error, ""}));
        ann_ = add("ann@here.test");
        bob_ = add("bob@here.test", {.bytes = 1, .messages = 0});
    }
    directory::AccountId add(std::string_view name, const store::Quota& quota = {}) {
        const auto id = directory_.add_account({.name = std::string(name), .password = {}}).value();
        EXPECT_TRUE(store_.create_account(id, quota));
        return id;
    }

    static drop::Found letter(const std::vector<std::string>& recipients,
                              std::string sender = "ann@here.test") {
        return {.letter = {.sender = std::move(sender),
                           .recipients = recipients,
                           .notify = {},
                           .wanted_return = {},
                           .envelope_id = {},
                           .message = "Subject: hello\r\n\r\nHello\r\n"},
                .user = 33,
                .left = ManualClock().now()};
    }
    Result<Taken> take(const drop::Found& found, const std::string& name = "mail.1") {
        return take_dropped(world_, policy_, name, found);
    }
    std::vector<std::string> inbox_of(directory::AccountId account) {
        std::vector<std::string> messages;
        const auto view = store_.account(account).view();
        for (const auto& entry : view.entries(store::inbox).value())
            messages.push_back(view.read(entry.message).value());
        return messages;
    }
    std::vector<queue::Entry> queued() { return queue_.list({}).value(); }

    ManualClock clock_;
    SystemRandom random_;
    log::Output output_{clock_};
    std::unique_ptr<engine::Engine> engine_ = engine::make_memory_engine();
    store::Store store_{*engine_, clock_};
    directory::Directory directory_{*engine_, clock_, random_};
    queue::Queue queue_{*engine_, clock_};
    net::Workers workers_{1, 8};
    World world_{store_, directory_, queue_, workers_, workers_, clock_, log::Log(output_), {}};
    Policy policy_{.hostname = "mx.here.test", .relay_networks = {}, .bounces = {.returned_size = 1000}};
    directory::AccountId ann_, bob_;
};

TEST_F(DroppedTest, IsKeptOnceHoweverOftenItIsTaken) {
    EXPECT_EQ(take(letter({"ann@here.test", "far@there.test"})), Taken::now);
    EXPECT_EQ(take(letter({"ann@here.test", "far@there.test"})), Taken::before);
    ASSERT_THAT(inbox_of(ann_), SizeIs(1));
    EXPECT_THAT(inbox_of(ann_)[0],
                testing::AllOf(HasSubstr("from localhost (uid 33)"), HasSubstr("with local id"),
                               HasSubstr("Date: "), HasSubstr("Message-ID: ")));
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].sender, "ann@here.test");
    EXPECT_THAT(*drop::marked(*engine_), ElementsAre("mail.1"));
    EXPECT_TRUE(drop::forget(*engine_, "mail.1"));
    EXPECT_THAT(*drop::marked(*engine_), IsEmpty());
}

TEST_F(DroppedTest, NothingIsLostWhereTheClockGoesBackOverARestart) {
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(take(letter({"ann@here.test"}), fmt::format("mail.{}", i)), Taken::now);
    clock_.advance(-std::chrono::milliseconds(1));
    queue::Queue after(*engine_, clock_);
    World world{store_, directory_, after, workers_, workers_, clock_, log::Log(output_), {}};
    for (int i = 0; i < 3; ++i) {
        clock_.advance(std::chrono::milliseconds(1));
        auto found = letter({"ann@here.test", "nobody@here.test"});
        found.letter.message += fmt::format("letter {}\r\n", i);
        EXPECT_EQ(take_dropped(world, policy_, fmt::format("later.{}", i), found), Taken::now);
    }
    EXPECT_THAT(inbox_of(ann_), SizeIs(3 + 2 * 3)) << "letters, and notices of nobody";
}

TEST_F(DroppedTest, TheSenderHearsOfThoseWhoAreNot) {
    EXPECT_EQ(take(letter({"nobody@here.test", "a b@here.test", "far@there.test"})), Taken::now);
    ASSERT_THAT(queued(), SizeIs(1));
    ASSERT_THAT(inbox_of(ann_), SizeIs(1));
    const auto told = dsn::parse_notification(inbox_of(ann_)[0]);
    ASSERT_TRUE(told);
    ASSERT_THAT(told->recipients, SizeIs(2));
    EXPECT_EQ(told->recipients[0].final_recipient.address, "nobody@here.test");
    EXPECT_EQ(to_string(told->recipients[0].status), "5.1.1");
    EXPECT_EQ(to_string(told->recipients[1].status), "5.1.2");
    EXPECT_THAT(inbox_of(ann_)[0], testing::StartsWith("Return-Path: <>\r\n"));
}

TEST_F(DroppedTest, AStrangerHearsOfItThroughTheQueue) {
    EXPECT_EQ(take(letter({"nobody@here.test"}, "far@there.test")), Taken::now);
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].sender, "");
    EXPECT_EQ(queued()[0].recipients[0].address, "far@there.test");
    EXPECT_EQ(queued()[0].recipients[0].notify, "NEVER");
}

TEST_F(DroppedTest, ThePostmasterHearsWhereNobodyElseCan) {
    for (const auto* sender : {"", "none@here.test"}) {
        EXPECT_EQ(take(letter({"nobody@here.test"}, sender), fmt::format("mail.{}", sender)), Taken::now);
        EXPECT_TRUE(dsn::parse_notification(inbox_of(ann_).back())) << sender;
    }
    EXPECT_THAT(inbox_of(ann_), SizeIs(2));
}

TEST_F(DroppedTest, UsersOfThisMachineAreThePostmasters) {
    EXPECT_EQ(take(letter({"root@mx.here.test"})), Taken::now);
    EXPECT_THAT(inbox_of(ann_), ElementsAre(HasSubstr("Delivered-To: postmaster")));
}

TEST_F(DroppedTest, WhoIsFullKeepsNobodyElseFromTheLetter) {
    EXPECT_EQ(take(letter({"ann@here.test", "bob@here.test", "far@there.test"})), Taken::now);
    EXPECT_THAT(inbox_of(ann_), SizeIs(1));
    const auto waiting = queued();
    ASSERT_THAT(waiting, SizeIs(2));
    EXPECT_EQ(waiting[0].recipients.at(0).address, "far@there.test");
    EXPECT_EQ(waiting[1].recipients.at(0).address, "bob@here.test");
    EXPECT_EQ(waiting[1].recipients.at(0).state, queue::RecipientState::waiting);
    EXPECT_EQ(waiting[1].sender, "ann@here.test") << "who hears of it if it takes too long";
}

// outbound.enabled = false: it would lie there for ever.
TEST_F(DroppedTest, WhereNobodyWorksOnTheQueueNothingWaitsThereForRoom) {
    policy_.queue_is_worked = false;
    EXPECT_EQ(take(letter({"ann@here.test", "bob@here.test"})), Taken::now);
    EXPECT_THAT(queued(), IsEmpty());
    ASSERT_THAT(inbox_of(ann_), SizeIs(2)) << "the letter, and that it is not for bob";
    const auto told = dsn::parse_notification(inbox_of(ann_)[1]);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->recipients.at(0).final_recipient.address, "bob@here.test");

    auto found = letter({"bob@here.test"});
    const auto waits = take(found, "mail.2");
    ASSERT_FALSE(waits) << "in the folder: it keeps nobody";
    EXPECT_EQ(waits.error().message, "bob@here.test: The mailbox is full");
    clock_.advance(dropped_patience + std::chrono::hours(1));
    EXPECT_EQ(take(found, "mail.2"), Taken::now);
    EXPECT_THAT(inbox_of(ann_), SizeIs(3));

    EXPECT_EQ(take(letter({"nobody@here.test"}, "bob@here.test"), "mail.3"), Taken::now);
    EXPECT_THAT(inbox_of(ann_), SizeIs(4)) << "the postmaster hears for bob, who has no room for that";
    EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(DroppedTest, WhatNoSenderWouldHearOfDoesNotWaitForRoomInTheQueue) {
    auto unwanted = letter({"ann@here.test", "bob@here.test"});
    unwanted.letter.notify = "NEVER";
    for (const auto& found : {letter({"ann@here.test", "bob@here.test"}, ""), unwanted}) {
        const auto before = inbox_of(ann_).size();
        EXPECT_EQ(take(found, fmt::format("mail.{}", before)), Taken::now);
        EXPECT_THAT(queued(), IsEmpty());
        EXPECT_THAT(inbox_of(ann_), SizeIs(before + 2)) << "she is the postmaster too";
        EXPECT_TRUE(dsn::parse_notification(inbox_of(ann_).back()));
    }
}

TEST_F(DroppedTest, TheLogNamesWhatWaitsAndWhatIsTold) {
    const ScratchFolder folder;
    const auto file = folder.path() / "log";
    EXPECT_TRUE(output_.apply({log::Format::human, log::Level::info, file.string()}));
    EXPECT_EQ(take(letter({"ann@here.test", "bob@here.test", "nobody@here.test"}, "far@there.test")),
              Taken::now);
    EXPECT_TRUE(output_.apply({log::Format::human, log::Level::error, ""}));
    std::ifstream in(file);
    const std::string lines(std::istreambuf_iterator<char>(in), {});
    const auto waiting = queued();
    ASSERT_THAT(waiting, SizeIs(2));
    EXPECT_THAT(lines, HasSubstr(fmt::format("waits_as={} told_as={} ", to_string(waiting[0].id),
                                             to_string(waiting[1].id))));
}

TEST_F(DroppedTest, APostmasterWithoutRoomIsWaitedForAndWhatLastsIsNot) {
    directory_.apply({.postmaster = "bob@here.test"});
    auto found = letter({"ann@here.test", "root@mx.here.test"});
    const auto waits = take(found);
    ASSERT_FALSE(waits) << "bob has no room";
    EXPECT_EQ(waits.error().kind, Error::Kind::unavailable);
    EXPECT_EQ(waits.error().message, "root@mx.here.test: The mailbox is full");
    EXPECT_THAT(inbox_of(ann_), IsEmpty()) << "or she would get it twice";
    clock_.advance(dropped_patience + std::chrono::hours(1));
    EXPECT_EQ(take(found), Taken::now);
    ASSERT_THAT(inbox_of(ann_), SizeIs(2));
    const auto told = dsn::parse_notification(inbox_of(ann_)[1]);
    ASSERT_TRUE(told);
    EXPECT_EQ(to_string(told->recipients.at(0).status), "5.2.2");
}

TEST_F(DroppedTest, WhatGoesInCirclesKeepsNobodyElseFromTheLetter) {
    EXPECT_TRUE(directory_.add_alias("team@here.test", std::vector<std::string>{"far@there.test"}));
    auto found = letter({"team@here.test", "ann@here.test", "other@there.test"});
    found.letter.message = "Delivered-To: team@here.test\r\n\r\n";
    EXPECT_EQ(take(found), Taken::now);
    ASSERT_THAT(inbox_of(ann_), SizeIs(2));
    const auto told = dsn::parse_notification(inbox_of(ann_)[1]);
    ASSERT_TRUE(told);
    ASSERT_THAT(told->recipients, SizeIs(1));
    EXPECT_EQ(told->recipients[0].final_recipient.address, "team@here.test");
    EXPECT_EQ(to_string(told->recipients[0].status), "5.4.6");
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].recipients.at(0).address, "other@there.test");
}

TEST_F(DroppedTest, WhatGoesInCirclesForAllIsToldAtOnce) {
    auto found = letter({"ann@here.test"}, "far@there.test");
    found.letter.message = "Delivered-To: ann@here.test\r\n\r\n";
    EXPECT_EQ(take(found), Taken::now);
    EXPECT_THAT(inbox_of(ann_), IsEmpty());
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].recipients.at(0).address, "far@there.test");
}

TEST_F(DroppedTest, ASenderWithoutRoomHearsOfItWhenThereIsSome) {
    EXPECT_EQ(take(letter({"nobody@here.test", "ann@here.test"}, "bob@here.test")), Taken::now);
    EXPECT_THAT(inbox_of(ann_), SizeIs(1)) << "the letter waits for nobody's notice";
    EXPECT_THAT(inbox_of(bob_), IsEmpty());
    ASSERT_THAT(queued(), SizeIs(1));
    EXPECT_EQ(queued()[0].sender, "");
    EXPECT_EQ(queued()[0].recipients.at(0).address, "bob@here.test");
    EXPECT_EQ(queued()[0].recipients.at(0).state, queue::RecipientState::waiting);
}

TEST_F(DroppedTest, SpeaksTheLanguageOfTheSender) {
    ASSERT_TRUE(directory_.change_account(ann_, {.language = "zh-CN"}));
    EXPECT_EQ(take(letter({"nobody@here.test"})), Taken::now);
    EXPECT_THAT(inbox_of(ann_)[0], HasSubstr("Content-Language: zh-CN"));
}

}  // namespace
}  // namespace hongyan::flow
