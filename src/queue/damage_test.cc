// Keys and records that cannot be read: they keep nobody else from being sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/finding.h"
#include "queue/queue_fixture.h"
#include "queue/records.h"

namespace hongyan::queue {
namespace {

using testing::ElementsAre;

class DamageTest : public testing::Test, public QueueFixture {
public:
    DamageTest() {
        EXPECT_TRUE(queue.begin());
        enter("ann@here.test", {"a@alpha.test", "b@beta.test"});
        enter("bob@here.test", {"c@beta.test"});
    }
    void put(const std::string& key) {
        ASSERT_TRUE(
            engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
                transaction.put(key, "\xff");  // no record, and no number
                return {};
            }));
    }
};

TEST_F(DamageTest, AKeyThatNamesNobodyIsPassedOver) {
    put(ready_prefix() + "aaa no end of a name");
    put(ready_prefix() + std::string(400, 'a') + '\0');
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), ElementsAre("alpha.test", "beta.test"));
    EXPECT_THAT(queue.ready_destinations("alpha.test", 10).value(), ElementsAre("beta.test"));
}

TEST_F(DamageTest, AKeyOfADestinationLeavesTheOthersReady) {
    put(ready_prefix("beta.test"));                          // before all lanes
    put(ready_prefix("beta.test", "ann@here.test") + "?");   // in one
    put(ready_prefix("beta.test", "zoe@here.test") + "?!");  // behind all
    const auto page = queue.ready("beta.test", {}).value();
    EXPECT_EQ(page.dues.size(), 2U);
    EXPECT_GE(page.damaged, 3U);
    EXPECT_EQ(queue.ready("alpha.test", {}).value().damaged, 0U);
}

// As a program leaves it that knew of no index.
TEST_F(DamageTest, AnEntryThatIsGoneWithoutTheIndexIsPassedOver) {
    const auto before = find(*engine, {.domain = "beta.test"}, {}).value().entries;
    ASSERT_EQ(before.size(), 2U);
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            const auto all = engine::Range::starting_with(entry_key(before.front().id));
            std::vector<std::string> keys;
            for (const auto cursor = transaction.scan(all); cursor->valid(); cursor->next())
                keys.emplace_back(cursor->key());
            for (const auto& key : keys) transaction.erase(key);
            return {};
        }));
    const auto after = find(*engine, {.domain = "beta.test"}, {});
    ASSERT_TRUE(after) << after.error().message;
    ASSERT_EQ(after->entries.size(), 1U);
    EXPECT_EQ(after->entries.front().id, before.back().id);
}

TEST_F(DamageTest, AKeyOfOneWhoSleepsLeavesTheOthersToWake) {
    const auto taken = take_all("alpha.test");
    ASSERT_TRUE(settle({outcome_of(taken, 0, RecipientState::waiting)}));
    put(sleeping_prefix() + "?");
    EXPECT_EQ(queue.first_sleeper().value(), clock.now() + std::chrono::minutes(5));
    clock.advance(std::chrono::minutes(6));
    const auto woken = wake();
    EXPECT_EQ(woken.count, 1U);
    EXPECT_EQ(woken.damaged, 1U);
    EXPECT_THAT(woken.destinations, ElementsAre("alpha.test"));
}

// Five are leased, of whom one can be freed; and a lease is nobody's.
class LeasesDamageTest : public DamageTest {
public:
    LeasesDamageTest() {
        std::vector<EntryId> ids;
        for (int i = 0; i < 4; ++i)
            ids.push_back(enter("ann@here.test", {fmt::format("d{}@delta.test", i), "e@else.test"}));
        EXPECT_EQ(take_all("delta.test").dues.size(), 4U);
        put(lease_key(ids[0], 0));
        put(recipient_key(ids[1], 0));
        put(entry_key(ids[2]));
        put(std::string(keys::leases) + "?");
        put(std::string(keys::alive) + "somebody");
        free = ids[3];
    }
    void expect_freed(const Result<Freed>& freed) {
        ASSERT_TRUE(freed) << freed.error().message;
        EXPECT_EQ(freed->count, 1U);
        EXPECT_EQ(freed->damaged, 4U);
        const auto dues = queue.ready("delta.test", {}).value().dues;
        ASSERT_EQ(dues.size(), 1U);
        EXPECT_EQ(dues[0].id, free);
    }
    EntryId free;
};

TEST_F(LeasesDamageTest, WhatCannotBeReadBehindALeaseKeepsNobodyFromBeginning) {
    Queue again(*engine, clock);
    expect_freed(again.begin());
}

TEST_F(LeasesDamageTest, NorFromFreeingWhatIsOverdue) {
    clock.advance(std::chrono::minutes(2));
    expect_freed(queue.free_overdue());
    EXPECT_EQ(queue.free_overdue()->count, 0U);
}

// As an older program leaves them, which neither counts nor lists.
TEST_F(DamageTest, OfAnOldEntryLeavesTheOthersToBePutIntoOrder) {
    std::vector<EntryId> ids;
    for (int i = 0; i < 300; ++i) ids.push_back(enter("eve@here.test", {fmt::format("x@d{}.test", i)}));
    const std::set<int> broken{0, 99, 100, 298};
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(keys::counted_epoch, "another");
            for (const int i : broken) transaction.put(entry_key(ids[static_cast<std::size_t>(i)]), "\xff");
            transaction.erase(recipient_key(ids[7], 0));
            transaction.put(recipient_key(ids.back().next().next(), 0), "of no message");
            return {};
        }));
    Queue again(*engine, clock);
    const auto begun = again.begin();
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_EQ(begun->damaged, broken.size() + 1);
    EXPECT_EQ(again.statistics(0)->ready, 3 + 300 - broken.size() - 1);
    EXPECT_EQ(find(*engine, {.domain = "d299.test"}, {}).value().entries.size(), 1U) << "the last of them";
    EXPECT_EQ(again.begin()->damaged, 0U) << "said once";
}

// Nobody can tell how long it is alive: what it has leased is its own as long as the lease lasts.
TEST_F(DamageTest, OfASignOfLifeLeavesTheNodeItsLeases) {
    Queue other(*engine, clock, {.node = "other"});
    ASSERT_TRUE(other.begin());
    auto taking = other.take(other.ready("alpha.test", {}).value().dues, longest_lease);
    commit({std::move(taking.part)});
    put(std::string(keys::alive) + "other");
    clock.advance(sign_of_life * 2);
    EXPECT_EQ(free_overdue(), 0U);
    clock.advance(longest_lease);
    EXPECT_EQ(free_overdue(), 1U);
}

}  // namespace
}  // namespace hongyan::queue
