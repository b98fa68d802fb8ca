// Keys of the orders that cannot be read: they keep nobody else from being sent.
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
                transaction.put(key, "?");
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

}  // namespace
}  // namespace hongyan::queue
