// What became of messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct HistoryTest : testing::Test, QueueFixture {
    void SetUp() override { ASSERT_TRUE(queue.begin()); }

    EntryId relay_one() {
        const auto id = enter("ann@here.test", {"bob@there.test"});
        EXPECT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::relayed)}));
        return id;
    }
    std::vector<EntryId> mentioned(std::string_view text) { return queue.mentioned(text, {}).value(); }
    std::size_t keys() {
        const auto snapshot = engine->snapshot(engine::Scope::global());
        std::size_t count = 0;
        for (const auto prefix : {keys::history, keys::mentions})
            for (auto cursor = snapshot->scan(engine::Range::starting_with(prefix)); cursor->valid();
                 cursor->next())
                ++count;
        return count;
    }
};

TEST_F(HistoryTest, EveryAttemptIsTold) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    auto put_off = outcome_of(take_all("there.test"), 0, RecipientState::waiting);
    put_off.attempt = {.time = clock.now(),
                       .host = "mx.there.test",
                       .address = "192.0.2.1",
                       .tls = "TLSv1.3",
                       .policy = "dane",
                       .status = "4.2.1",
                       .reply = "450 4.2.1 later",
                       .duration = 312ms};
    ASSERT_TRUE(settle({put_off}));
    clock.advance(5min);
    wake();
    ASSERT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::delivered)}));
    const auto story = queue.story(id).value();
    EXPECT_FALSE(story.entry);
    ASSERT_THAT(story.records, SizeIs(2));
    EXPECT_EQ(story.records[0].what, Happened::deferred);
    EXPECT_EQ(story.records[0].attempt, put_off.attempt);
    EXPECT_EQ(story.records[0].recipient, "bob@there.test");
    EXPECT_EQ(story.records[1].what, Happened::delivered);
    EXPECT_EQ(story.records[1].sender, "ann@here.test");
    EXPECT_GT(story.records[1].size, 0U);
}

TEST_F(HistoryTest, AMessageIsFoundByWhateverNamesIt) {
    auto entry = entry_of("text", {to("Bob@There.test"), to("eve@there.test")});
    entry.message_id = "<Abc@here.test>";
    entry.passed_on_for = "origin@far.test";
    keep(entry, "text");
    const auto other = enter("ann@here.test", {"bob@there.test"});
    for (const auto* text : {"eve@there.test", "abc@here.test", "<ABC@here.test>", "Origin@far.test"})
        EXPECT_THAT(mentioned(text), ElementsAre(entry.id)) << text;
    EXPECT_THAT(mentioned("bob@there.test"), ElementsAre(entry.id, other));
    EXPECT_THAT(mentioned("Ann@here.test"), ElementsAre(entry.id, other));
    EXPECT_THAT(queue.mentioned("ann@here.test", {.limit = 1}).value(), ElementsAre(entry.id));
    EXPECT_THAT(queue.mentioned("ann@here.test", {.after = entry.id}).value(), ElementsAre(other));
    EXPECT_THAT(mentioned("ann@here.tes"), IsEmpty());
    EXPECT_TRUE(queue.story(entry.id)->entry);
    EXPECT_EQ(queue.story(EntryId(3)).error().kind, Error::Kind::not_found);
    EXPECT_TRUE(queue.mentioned(std::string(5000, 'x'), {}).value().empty());
}

TEST_F(HistoryTest, WhatWasPlacedOrRefusedIsToldToo) {
    Record record;
    record.id = queue.next_id();
    record.what = Happened::refused;
    record.sender = "spam@there.test";
    record.recipient = "ann@here.test";
    record.message_id = "<x@there.test>";
    record.attempt = {.time = clock.now(), .status = "5.7.1", .reply = "550 no"};
    commit(queue.telling({&record, 1}));
    EXPECT_THAT(mentioned("spam@there.test"), ElementsAre(record.id));
    EXPECT_THAT(queue.story(record.id)->records, ElementsAre(record));
}

TEST_F(HistoryTest, TheOldIsForgottenWhenItHasGone) {
    const auto gone = enter("ann@here.test", {"bob@there.test", "eve@there.test"});
    const auto taken = take_all("there.test");
    ASSERT_TRUE(settle(
        {outcome_of(taken, 0, RecipientState::delivered), outcome_of(taken, 1, RecipientState::failed)}));
    const auto waits = enter("ann@here.test", {"bob@there.test"});
    ASSERT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::waiting)}));
    EXPECT_EQ(queue.forget_old().value().keys, 0U);
    clock.advance(30 * 24h + 1ms);
    const auto fresh = enter("ann@here.test", {"bob@away.test"});
    ASSERT_TRUE(settle({outcome_of(take_all("away.test"), 0, RecipientState::relayed)}));
    EXPECT_GT(queue.forget_old().value().keys, 0U);
    EXPECT_FALSE(queue.story(gone));
    EXPECT_TRUE(queue.story(waits));
    EXPECT_THAT(mentioned("ann@here.test"), ElementsAre(waits, fresh));
    ASSERT_TRUE(queue.remove(waits));
    ASSERT_TRUE(queue.forget_old());
    EXPECT_TRUE(queue.story(waits)) << "its end was told just now";
    clock.advance(31 * 24h);
    EXPECT_GT(queue.forget_old().value().keys, 0U);
    EXPECT_EQ(keys(), 0U);
}

TEST_F(HistoryTest, WhatCannotBeReadIsForgottenWithItsMessageAndHoldsNothingUp) {
    const auto tell = [&] {
        const auto id = enter("ann@here.test", {"bob@there.test", "eve@there.test"});
        const auto taken = take_all("there.test");
        EXPECT_TRUE(settle({outcome_of(taken, 0, RecipientState::delivered),
                            outcome_of(taken, 1, RecipientState::delivered)}));
        return id;
    };
    const auto damage = [&](EntryId id) {
        const auto prefix = history_prefix(id);
        std::string key(
            engine->snapshot(engine::Scope::global())->scan(engine::Range::starting_with(prefix))->key());
        ASSERT_TRUE(
            engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
                transaction.put(key, "\xff");
                return {};
            }));
    };
    const auto first = tell(), second = tell();
    damage(first);
    clock.advance(31 * 24h);
    const auto fresh = tell();
    damage(fresh);
    const auto forgotten = queue.forget_old();
    ASSERT_TRUE(forgotten) << forgotten.error().message;
    EXPECT_EQ(forgotten->damaged, 1U);
    for (const auto id : {first, second})
        EXPECT_EQ(queue.story(id).error().kind, Error::Kind::not_found) << to_string(id);
    EXPECT_EQ(queue.story(fresh).error().kind, Error::Kind::corrupt) << "it is not old yet";
    EXPECT_EQ(queue.forget_old().value().keys, 0U);
}

TEST_F(HistoryTest, TheLatestAreFoundFirst) {
    std::vector<EntryId> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(enter("ann@here.test", {"bob@there.test"}));
    const auto latest = [&](std::optional<EntryId> before, std::size_t limit) {
        return queue.latest_mentioned("bob@there.test", before, limit).value();
    };
    EXPECT_THAT(latest({}, 2), ElementsAre(ids[3], ids[4]));
    EXPECT_THAT(latest(ids[3], 2), ElementsAre(ids[1], ids[2]));
    EXPECT_THAT(latest(ids[1], 2), ElementsAre(ids[0]));
    EXPECT_THAT(latest(ids[0], 2), IsEmpty());
    EXPECT_THAT(latest({}, 9), testing::SizeIs(5));
}

TEST_F(HistoryTest, MuchIsForgottenInPages) {
    for (int i = 0; i < 450; ++i) relay_one();
    clock.advance(31 * 24h);
    EXPECT_GT(queue.forget_old().value().keys, 450U);
    EXPECT_EQ(keys(), 0U);
}

// Ids go on from there for years (ids.h).
TEST_F(HistoryTest, TheOldIsForgottenThoughTheClockWasAheadOnce) {
    clock.advance(730 * 24h);
    for (int i = 0; i < 300; ++i) relay_one();
    const auto ahead = relay_one();
    clock.advance(-730 * 24h);
    const auto old = relay_one(), waits = enter("ann@here.test", {"bob@away.test"});
    for (int i = 0; i < 300; ++i) relay_one();
    clock.advance(31 * 24h);
    const auto fresh = relay_one();
    ASSERT_GT(old, first_id_at(clock.now()));
    EXPECT_GT(queue.forget_old().value().keys, 301U);
    EXPECT_FALSE(queue.story(old));
    EXPECT_TRUE(queue.story(waits));
    EXPECT_TRUE(queue.story(fresh));
    EXPECT_TRUE(queue.story(ahead)) << "it is told of a time that is still to come";
    EXPECT_EQ(queue.forget_old().value().keys, 0U);
}

// Its story is of minutes ago, whatever the clock said then.
TEST_F(HistoryTest, WhatCameWhileTheClockWasBehindIsKeptWithThatBeforeIt) {
    const auto before = relay_one();
    clock.advance(-60 * 24h);
    const auto behind = relay_one();
    clock.advance(60 * 24h);
    EXPECT_EQ(queue.forget_old().value().keys, 0U);
    EXPECT_TRUE(queue.story(before));
    EXPECT_TRUE(queue.story(behind));
    clock.advance(31 * 24h);
    EXPECT_GT(queue.forget_old().value().keys, 0U);
    EXPECT_EQ(keys(), 0U);
}

TEST_F(HistoryTest, WhoWantsNoneHasNone) {
    queue.apply({.history = 0ms});
    enter("ann@here.test", {"bob@there.test"});
    ASSERT_TRUE(settle({outcome_of(take_all("there.test"), 0, RecipientState::relayed)}));
    Record record;
    commit(queue.telling({&record, 1}));
    EXPECT_EQ(keys(), 0U);
}

TEST_F(HistoryTest, AHardBounceSuppressesTheAddressForItsAccount) {
    auto entry = entry_of("text", {to("Bob@there.test")});
    entry.account = "ann";
    keep(entry, "text");
    auto outcome = outcome_of(take_all("there.test"), 0, RecipientState::failed);
    outcome.suppress = true;
    outcome.attempt.reply = "550 5.1.1 nobody";
    ASSERT_TRUE(settle({outcome}));
    const auto found = queue.suppression("Ann", "bob@There.test").value().value();
    EXPECT_EQ(found, (Suppression{.address = "bob@there.test",
                                  .since = clock.now(),
                                  .reason = "550 5.1.1 nobody",
                                  .by_bounce = true}));
    EXPECT_EQ(queue.suppression("eve", "bob@there.test"), std::nullopt);
    ASSERT_TRUE(queue.suppress("ann", "zoe@there.test", "asked for it"));
    EXPECT_THAT(queue.suppressions("ann", {}, 10).value(), SizeIs(2));
    EXPECT_THAT(queue.suppressions("ann", {}, 1).value(), ElementsAre(found));
    EXPECT_THAT(queue.suppressions("ann", "bob@there.test", 10).value(), SizeIs(1));
    EXPECT_THAT(queue.suppressions("an", {}, 10).value(), IsEmpty());
    ASSERT_TRUE(queue.unsuppress("ann", "BOB@there.test"));
    EXPECT_EQ(queue.unsuppress("ann", "bob@there.test").error().kind, Error::Kind::not_found);
    EXPECT_EQ(queue.suppress("ann", "nobody", "").error().kind, Error::Kind::invalid);
}

}  // namespace
}  // namespace hongyan::queue
