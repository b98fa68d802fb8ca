#include "flow/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_engine.h"

namespace hongyan::flow {
namespace {

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

TEST_F(RefusalsTest, AFloodIsCountedNotKept) {
    for (int i = 0; i < 5'000; ++i) refusals.tell(of("nobody@here.test"));
    while (told() < 1'000) continue;
    EXPECT_EQ(told(), 1'000U);
    EXPECT_EQ(refusals.dropped(), 4'000U);
    clock.advance(std::chrono::seconds(2));
    for (int i = 0; i < 20; ++i) refusals.tell(of("nobody@here.test"));
    while (told() < 1'010) continue;
    EXPECT_EQ(refusals.dropped(), 4'010U);
}

TEST_F(RefusalsTest, WithoutAHistoryNothingIsKept) {
    queue.apply({.history = {}});
    refusals.tell(of("nobody@here.test"));
    EXPECT_EQ(told(), 0U);
}

TEST(AddressIn, IsWhatStandsBetweenTheBrackets) {
    EXPECT_EQ(address_in("RCPT TO:<ann@here.test> NOTIFY=NEVER"), "ann@here.test");
    EXPECT_EQ(address_in("MAIL FROM:<>"), "");
    EXPECT_EQ(address_in("RCPT TO:<ann"), "");
    EXPECT_EQ(address_in("RCPT"), "");
}

}  // namespace
}  // namespace hongyan::flow
