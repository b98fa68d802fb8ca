#include "flow/refusals.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"
#include "smtp/grounds.h"

namespace hongyan::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct RefusalsTest : testing::Test {
    queue::Record of(std::string_view recipient) {
        queue::Record record;
        record.sender = "spam@there.test";
        record.recipient = recipient;
        record.attempt = {.time = {}, .address = "192.0.2.1", .status = "5.1.1", .reply = "550 5.1.1 no"};
        return record;
    }
    std::size_t told() {
        // What is on its way is done when a commit behind it is.
        EXPECT_TRUE(engine->transact(engine::Scope::global(), [](auto&) { return Result<void>{}; }));
        return queue.mentioned("spam@there.test", {.limit = 100'000}).value().size();
    }
    // What is told while a commit is under way comes with a later one.
    bool comes_to(std::size_t count) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (told() < count)
            if (std::chrono::steady_clock::now() > end) return false;
        return told() == count;
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    queue::Queue queue{*engine, clock};
    log::Output output{clock};
    Refusals refusals{*engine, queue, clock, log::Log(output)};
};

TEST_F(RefusalsTest, AreFoundByWhomTheyConcern) {
    refusals.tell(of("nobody@here.test"));
    EXPECT_EQ(told(), 1U);
    const auto ids = queue.mentioned("nobody@here.test", {}).value();
    ASSERT_THAT(ids, SizeIs(1));
    const auto records = queue.story(ids[0]).value().records;
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].what, queue::Happened::refused);
    EXPECT_EQ(records[0].attempt.reply, "550 5.1.1 no");
    EXPECT_EQ(records[0].attempt.time, clock.now());
}

// Otherwise nothing could be kept any more: the commit that brings new ids stands behind one of ours.
TEST_F(RefusalsTest, WhoWaitsForAnIdKeepsNoCommitFromItsEnd) {
    const auto last = queue.next_id();
    std::promise<void> teller_is_there;
    auto disk_is_slow = [there = teller_is_there.get_future().share()](auto&) -> Result<void> {
        there.wait();
        return {};
    };
    engine->submit({{engine::Scope::global(), disk_is_slow}}, engine::Together::each_by_itself,
                   [](const auto&) {});
    refusals.tell(of("nobody@here.test"));
    constexpr auto of_a_start = 32'768U;  // ids that the first commit brings
    while (queue.next_id().value() < last.value() + of_a_start - 1) {
    }
    auto teller = std::async(std::launch::async, [&] {
        teller_is_there.set_value();
        refusals.tell(of("somebody@here.test"));
    });
    teller.get();
    EXPECT_TRUE(comes_to(2));
}

// A session tells of each command by its name; of a message that it has refused by itself it tells whom it
// was for.
TEST_F(RefusalsTest, AreMadeOfWhatASessionTells) {
    const smtp::Client client{.address = "192.0.2.1", .said_name = "there.test", .account = "ann@here.test"};
    const smtp::Reply reply = smtp::ground("too-many-hops").plain();
    const auto told_of = [&](const smtp::Refusal& refusal) {
        std::vector<std::string> told;
        for (const auto& record : records_of(client, refusal)) {
            EXPECT_EQ(record.ground, "too-many-hops");
            EXPECT_EQ(record.attempt.status, "5.4.6");
            EXPECT_EQ(record.attempt.host, "there.test");
            told.push_back(fmt::format("{} > {}", record.sender, record.recipient));
        }
        return told;
    };
    EXPECT_THAT(told_of({.command = "MAIL FROM:<a@there.test>", .sender = "", .reply = reply}),
                ElementsAre("a@there.test > "));
    EXPECT_THAT(told_of({.command = "RCPT TO:<b@here.test>", .sender = "a@there.test", .reply = reply}),
                ElementsAre("a@there.test > b@here.test"));
    const std::vector<smtp::Recipient> two{{.path = message::parse_path("<b@here.test>").value()},
                                           {.path = message::parse_path("<c@here.test>").value()}};
    EXPECT_THAT(told_of({.command = "DATA", .sender = "a@there.test", .reply = reply, .recipients = two}),
                ElementsAre("a@there.test > b@here.test", "a@there.test > c@here.test"));
    EXPECT_THAT(told_of({.command = "MAIL FROM:a@there.test SIZE=1", .sender = "", .reply = reply}),
                ElementsAre("a@there.test > "))
        << "though that is no path";
    EXPECT_THAT(told_of({.command = "MAIL FROM:<> SIZE=1", .sender = "", .reply = reply}),
                ElementsAre(" > "));
    EXPECT_THAT(told_of({.command = "MAIL FROM:", .sender = "", .reply = reply}), IsEmpty());
    EXPECT_THAT(told_of({.command = "NOOP", .sender = "a@there.test", .reply = reply}), IsEmpty());
}

// RFC 5321 §4.5.5: it names nobody, and is found by that.
TEST_F(RefusalsTest, OfTheNullReversePathAreFoundByIt) {
    const smtp::Reply reply = smtp::ground("too-many-hops").plain();
    for (const auto* command : {"MAIL FROM:<>", "MAIL FROM:<a@there.test>"})
        for (auto& record :
             records_of({.address = "192.0.2.1"}, {.command = command, .sender = "", .reply = reply}))
            refusals.tell(std::move(record));
    EXPECT_TRUE(comes_to(0));
    const auto ids = queue.mentioned("<>", {}).value();
    ASSERT_THAT(ids, SizeIs(1));
    EXPECT_EQ(queue.story(ids[0])->records.at(0).attempt.address, "192.0.2.1");
    clock.advance(std::chrono::hours(24 * 60));
    EXPECT_EQ(queue.forget_old().value().keys, 2 + 2U) << "two records, and what they are found by";
    EXPECT_THAT(queue.mentioned("<>", {}).value(), IsEmpty());
}

TEST_F(RefusalsTest, BearTheNameOfTheMessage) {
    const smtp::Reply reply = smtp::ground("too-many-hops").plain();
    const std::vector<smtp::Recipient> one{{.path = message::parse_path("<b@here.test>").value()}};
    const auto records = records_of({}, {.command = "DATA",
                                         .sender = "a@there.test",
                                         .reply = reply,
                                         .recipients = one,
                                         .message_id = "<1@there.test>"});
    ASSERT_THAT(records, SizeIs(1));
    EXPECT_EQ(records[0].message_id, "<1@there.test>");
}

TEST_F(RefusalsTest, AFloodIsCountedNotKept) {
    for (int i = 0; i < 5'000; ++i) refusals.tell(of("nobody@here.test"));
    EXPECT_TRUE(comes_to(1'000)) << told();
    EXPECT_EQ(refusals.dropped(), 4'000U);
    clock.advance(std::chrono::seconds(2));
    for (int i = 0; i < 20; ++i) refusals.tell(of("nobody@here.test"));
    EXPECT_TRUE(comes_to(1'010)) << told();
    EXPECT_EQ(refusals.dropped(), 4'010U);
}

TEST_F(RefusalsTest, WithoutAHistoryNothingIsKept) {
    queue.apply({.history = {}});
    refusals.tell(of("nobody@here.test"));
    EXPECT_EQ(told(), 0U);
}

TEST(AddressIn, IsWhatStandsBetweenTheBracketsOrInTheirPlace) {
    EXPECT_EQ(address_in("RCPT TO:<ann@here.test> NOTIFY=NEVER"), "ann@here.test");
    EXPECT_EQ(address_in("MAIL FROM:<>"), "");
    EXPECT_EQ(address_in("RCPT TO:<ann"), "");
    EXPECT_EQ(address_in("MAIL FROM:Ann <ann@there.test>"), "ann@there.test");
    EXPECT_EQ(address_in("RCPT TO:\"Bob B.\" <bob@here.test> NOTIFY=NEVER"), "bob@here.test");
    EXPECT_EQ(address_in("RCPT TO <bob@here.test>"), "bob@here.test");
    EXPECT_EQ(address_in("RCPT TO: ann@here.test NOTIFY=NEVER"), "ann@here.test");
    EXPECT_EQ(address_in("RCPT TO:"), "");
    EXPECT_EQ(address_in("RCPT"), "");
}

}  // namespace
}  // namespace hongyan::flow
