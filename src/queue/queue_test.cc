#include <future>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct QueueTest : testing::Test, QueueFixture {
    // Those that were handed in, by whomever.
    void wait_for_commits() {
        EXPECT_TRUE(
            engine->transact(engine::Scope::global(), [](engine::Transaction&) { return Result<void>(); }));
    }
};

TEST_F(QueueTest, WhatWasKeptIsListedShownAndRead) {
    auto first = entry_of("one", {to("bob@there.test"), to("eve@there.test")});
    first.recipients[0].notify = "NEVER";
    first.recipients[0].original = "rfc822;b@there.test";
    const auto second = entry_of("two", {to("bob@there.test")});
    keep(first, "one");
    keep(second, "two");
    EXPECT_THAT(queue.list({}).value(), ElementsAre(first, second));
    EXPECT_THAT(queue.list({.limit = 1}).value(), ElementsAre(first));
    EXPECT_THAT(queue.list({.after = first.id}).value(), ElementsAre(second));
    EXPECT_EQ(queue.entry(first.id), first);
    EXPECT_EQ(queue.read(first), "Received: by here.test\r\none");
    EXPECT_EQ(queue.statistics(0)->ready, 3U) << "also where nobody works on the queue";
}

TEST_F(QueueTest, TheSameEntryTwiceIsThereOnce) {
    const auto entry = entry_of("one", {to("bob@there.test")});
    keep(entry, "one");
    keep(entry, "one");
    EXPECT_THAT(queue.list({}).value(), ElementsAre(entry));
    ASSERT_TRUE(queue.remove(entry.id));
    EXPECT_EQ(engine->statistics().blobs, 0U);
}

TEST_F(QueueTest, SomeRecipientsAreReadWithoutTheOthers) {
    const auto entry = entry_of("one", {to("a@there.test"), to("b@there.test"), to("c@there.test")});
    keep(entry, "one");
    const std::uint32_t some[] = {2, 0}, more[] = {1, 3};
    const auto found = queue.entry(entry.id, some).value();
    EXPECT_THAT(found.recipients, ElementsAre(entry.recipients[2], entry.recipients[0]));
    EXPECT_EQ(found.prefix, entry.prefix);
    EXPECT_EQ(queue.entry(entry.id, more).error().kind, Error::Kind::not_found);
    EXPECT_EQ(queue.entry(entry.id.next(), some).error().kind, Error::Kind::not_found);
}

TEST_F(QueueTest, AnotherMessageOfTheSameIdIsNotTakenForIt) {
    const auto entry = entry_of("one", {to("bob@there.test")});
    keep(entry, "one");
    auto other = entry_of("two", {to("bob@there.test")});
    other.id = entry.id;
    EXPECT_EQ(try_to_keep(other, "two").error().kind, Error::Kind::conflict);
    EXPECT_EQ(queue.read(queue.entry(entry.id).value()), "Received: by here.test\r\none");
}

TEST_F(QueueTest, WhatWasRemovedIsGoneWithAllItHad) {
    const auto entry = entry_of("one", {to("bob@there.test"), to("eve@there.test")});
    keep(entry, "one");
    ASSERT_TRUE(queue.remove(entry.id));
    EXPECT_THAT(queue.list({}).value(), IsEmpty());
    EXPECT_EQ(queue.entry(entry.id).error().kind, Error::Kind::not_found);
    EXPECT_EQ(queue.remove(entry.id).error().kind, Error::Kind::not_found);
    const auto snapshot = engine->snapshot(engine::Scope::global());
    EXPECT_FALSE(snapshot->scan(engine::Range::starting_with(key_prefix))->valid());
}

TEST_F(QueueTest, IdsCountUpAndReadBack) {
    const auto first = queue.next_id();
    const auto second = queue.next_id();
    EXPECT_LT(first, second);
    EXPECT_LT(to_string(first), to_string(second));
    EXPECT_EQ(parse_entry_id(to_string(first)), first);
    for (const auto* bad : {"", "0", "00000000000A", "0000000000000"})
        EXPECT_FALSE(parse_entry_id(bad)) << bad;
}

TEST_F(QueueTest, NoIdIsGivenTwiceThoughTheClockGoesBackOverARestart) {
    for (int i = 0; i < 5; ++i) (void)queue.next_id();
    const auto last = queue.next_id();
    clock.advance(-1h);
    Queue again(*engine, clock);
    EXPECT_GT(again.next_id(), last);
    // And over one after which it has caught up with what was reserved, but not with what was given.
    clock.advance(1h);
    const auto given = again.next_id();
    Queue third(*engine, clock);
    EXPECT_GT(third.next_id(), given);
}

TEST_F(QueueTest, NodesOfOneStoreGiveDifferentIds) {
    Queue other(*engine, clock, {.node = "other"});
    std::set<EntryId> given;
    for (int i = 0; i < 2'000; ++i) {
        EXPECT_TRUE(given.insert(queue.next_id()).second);
        EXPECT_TRUE(given.insert(other.next_id()).second);
        clock.advance(1s);
    }
}

// A server that is started again and again would leave the clock far behind.
TEST_F(QueueTest, AStartTakesFewIdsAndOneWithoutMessagesHardlyAny) {
    for (int i = 0; i < 100; ++i) {
        Queue again(*engine, clock);
        ASSERT_TRUE(again.reserve_ids());
    }
    EXPECT_LT(queue.next_id(), first_id_at(clock.now() + 1s));
    for (int i = 0; i < 10; ++i) {
        Queue again(*engine, clock);
        ASSERT_TRUE(again.reserve_ids());
        (void)again.next_id();
        wait_for_commits();
    }
    EXPECT_LT(queue.next_id(), first_id_at(clock.now() + 1min));
}

TEST_F(QueueTest, NobodyWaitsForHisIdAtTheFirstBurst) {
    ASSERT_TRUE(queue.reserve_ids());
    std::promise<void> all_given;
    auto disk_is_slow = [given = all_given.get_future().share()](engine::Transaction&) -> Result<void> {
        EXPECT_EQ(given.wait_for(20s), std::future_status::ready) << "somebody waits for us";
        return {};
    };
    engine->submit({{engine::Scope::global(), disk_is_slow}}, engine::Together::each_by_itself,
                   [](const auto&) {});
    std::set<EntryId> given;
    for (int i = 0; i < 4'000; ++i) EXPECT_TRUE(given.insert(queue.next_id()).second);
    all_given.set_value();
}

TEST_F(QueueTest, ManyIdsCostOneCommitAndFollowTheTime) {
    for (int i = 0; i < 10; ++i) {  // as much as is taken at once by whom has been there for a while
        clock.advance(4min);
        (void)queue.next_id();
        wait_for_commits();
    }
    const auto before = engine->statistics().transactions;
    for (int i = 0; i < 10'000; ++i) (void)queue.next_id();
    EXPECT_EQ(engine->statistics().transactions, before);
    clock.advance(8h);  // nobody waits: the first id after a long silence is one that was left
    const auto first = queue.next_id();
    wait_for_commits();
    EXPECT_EQ(engine->statistics().transactions, before + 2);
    EXPECT_GE(queue.next_id(), first_id_at(clock.now()));
    EXPECT_GT(queue.next_id(), first);
    wait_for_commits();
    EXPECT_EQ(engine->statistics().transactions, before + 3) << "none but those of the test";
}

TEST(QueueRecords, FieldsOfANewerVersionStay) {
    Recipient recipient = to("bob@there.test");
    recipient.unknown = std::string("\x7f\x01x");
    EXPECT_EQ(decode_recipient(encode(recipient)), recipient);
    EXPECT_FALSE(decode_recipient("\x01\x04\x01\x09"));
    EXPECT_EQ(decode_recipient("\x01\x04\x01\x02")->state, RecipientState::failed) << "as version 1 wrote it";
    EXPECT_FALSE(decode_entry(EntryId(1), "\x01\x08\x01x"));
}

}  // namespace
}  // namespace hongyan::queue
