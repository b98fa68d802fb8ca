// What a delivery engine does with the queue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/finding.h"
#include "queue/keys.h"
#include "queue/queue_fixture.h"

namespace hongyan::queue {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct WorkTest : testing::Test, QueueFixture {
    void SetUp() override { ASSERT_TRUE(queue.begin()); }

    std::vector<std::string> lanes(const ReadyPage& page) {
        std::vector<std::string> all;
        for (const auto& due : page.dues) all.push_back(due.lane);
        return all;
    }
};

TEST_F(WorkTest, WhatIsReadyIsTakenOnce) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@There.test", "dan@else.test"});
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), ElementsAre("else.test", "there.test"));
    EXPECT_THAT(queue.ready_destinations("else.test", 10).value(), ElementsAre("there.test"));
    const auto page = queue.ready("there.test", {}).value();
    ASSERT_THAT(page.dues, SizeIs(2));
    EXPECT_EQ(page.dues[0].id, id);
    EXPECT_EQ(page.dues[1].index, 1U);
    EXPECT_EQ(page.dues[0].size, queue.entry(id)->size());
    EXPECT_EQ(page.dues[0].lane, "ann@here.test");
    const auto taken = take(page.dues);
    EXPECT_EQ(taken.dues, page.dues);
    EXPECT_THAT(take(page.dues).dues, IsEmpty());
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), ElementsAre("else.test"));
    EXPECT_EQ(queue.entry(id)->recipients[1].lease, taken.lease);
    EXPECT_EQ(queue.entry(id)->recipients[2].lease, std::nullopt);
}

TEST_F(WorkTest, ALargeMailingStandsBesideOthersNotBeforeThem) {
    for (int i = 0; i < 50; ++i) enter("list@here.test", {"a@there.test", "b@there.test"});
    enter("zoe@here.test", {"bob@there.test"});
    enter("list@here.test", {"a@away.test"});
    auto page = queue.ready("there.test", {.per_lane = 3, .limit = 5}).value();
    EXPECT_THAT(lanes(page), ElementsAre("list@here.test", "list@here.test", "list@here.test",
                                         "zoe@here.test", "list@here.test"));
    EXPECT_EQ(page.last_lane, "zoe@here.test");
    // Round and round: who had the last turn comes last.
    page = queue.ready("there.test", {.after = "list@here.test", .per_lane = 2, .limit = 3}).value();
    EXPECT_THAT(lanes(page), ElementsAre("zoe@here.test", "list@here.test", "list@here.test"));
    page = queue.ready("there.test", {.after = "zoe@here.test", .per_lane = 2, .limit = 1}).value();
    EXPECT_THAT(lanes(page), ElementsAre("list@here.test"));
    EXPECT_THAT(queue.ready_destinations({}, 1).value(), ElementsAre("away.test"));
    // Nobody else is waiting: the room is theirs.
    EXPECT_THAT(queue.ready("there.test", {.per_lane = 1, .limit = 90}).value().dues, SizeIs(90));
    EXPECT_THAT(queue.ready("there.test", {.per_lane = 1, .limit = 900}).value().dues, SizeIs(101));
}

TEST_F(WorkTest, RecipientsOfOneEntryStayTogether) {
    std::vector<std::string> crowd;
    for (int i = 0; i < 7; ++i) crowd.push_back(fmt::format("r{}@there.test", i));
    enter("ann@here.test", crowd);
    enter("ann@here.test", {"bob@there.test"});
    enter("zoe@here.test", {"bob@there.test"});
    const auto sizes = [&](Turn turn) {
        return queue.ready("there.test", std::move(turn)).value().dues.size();
    };
    EXPECT_EQ(sizes({.per_lane = 2, .limit = 3, .together = 10}), 7U);
    EXPECT_EQ(sizes({.per_lane = 2, .limit = 8, .together = 10}), 8U);
    EXPECT_EQ(sizes({.per_lane = 2, .limit = 3, .together = 5}), 5U);
    const auto page = queue.ready("there.test", {.per_lane = 2, .limit = 8, .together = 10}).value();
    EXPECT_EQ(page.dues.back().lane, "zoe@here.test");
}

TEST_F(WorkTest, WithinALaneTheHigherPriorityGoesFirst) {
    std::vector<EntryId> ids;
    for (const int priority : {-9, 0, 9}) {
        auto entry = entry_of("text", {to("bob@there.test")});
        entry.priority = priority;
        keep(entry, "text");
        ids.push_back(entry.id);
    }
    const auto page = queue.ready("there.test", {}).value();
    ASSERT_THAT(page.dues, SizeIs(3));
    EXPECT_EQ(page.dues[0].id, ids[2]);
    EXPECT_EQ(page.dues[0].priority, 9);
    EXPECT_EQ(page.dues[2].id, ids[0]);
    EXPECT_EQ(page.dues[2].priority, -9);
}

TEST_F(WorkTest, AFirstAttemptIsLeasedInTheCommitThatAccepts) {
    auto entry = entry_of("text", {to("bob@there.test"), to("eve@there.test")});
    entry.recipients[1].next_attempt = clock.now() + 1h;
    auto accepted = queue.accept(entry, engine::prepare_blob("text"), 1min);
    ASSERT_THAT(accepted.taken.dues, SizeIs(1));
    commit({std::move(accepted.part)});
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), IsEmpty());
    EXPECT_EQ(queue.entry(entry.id)->recipients[0].lease, accepted.taken.lease);
    ASSERT_TRUE(settle({outcome_of(accepted.taken, 0, RecipientState::delivered)}));
    clock.advance(1h);
    EXPECT_EQ(wake().count, 1U);
    const auto taken = take_all("there.test");
    ASSERT_TRUE(settle({outcome_of(taken, 0, RecipientState::relayed)}));
    EXPECT_EQ(queue.entry(entry.id).error().kind, Error::Kind::not_found);
    expect_nothing_left();
}

// It is in no list of tally.h yet.
TEST_F(WorkTest, WhoIsSentForTheFirstTimeIsFoundAndCountedToo) {
    const auto before = enter("ann@here.test", {"dan@there.test"});
    auto entry = entry_of("text", {to("bob@there.test"), to("eve@else.test")});
    entry.account = "ann";
    auto accepted = queue.accept(entry, engine::prepare_blob("text"), 1min);
    commit({std::move(accepted.part)});
    const auto after = enter("ann@here.test", {"eve@there.test"});
    const auto found = [&](const Selection& selection, Queue::Page page = {}) {
        std::vector<EntryId> ids;
        for (const auto& one : find(*engine, selection, page)->entries) ids.push_back(one.id);
        return ids;
    };
    EXPECT_THAT(found({.domain = "there.test"}), ElementsAre(before, entry.id, after));
    EXPECT_THAT(found({.domain = "there.test"}, {.after = before, .limit = 1}), ElementsAre(entry.id));
    EXPECT_THAT(found({.domain = "there.test"}, {.after = entry.id}), ElementsAre(after));
    EXPECT_THAT(found({.recipient = "Eve@else.test"}), ElementsAre(entry.id));
    EXPECT_THAT(found({.sender = "ann@here.test"}), ElementsAre(before, entry.id, after));
    EXPECT_THAT(found({.account = "ann"}), ElementsAre(entry.id));
    auto statistics = queue.statistics(10).value();
    ASSERT_THAT(statistics.destinations, SizeIs(2));
    EXPECT_EQ(statistics.destinations[0].recipients, 3U);
    EXPECT_EQ(statistics.destinations[1].name, "else.test");
    EXPECT_EQ(statistics.destinations[1].oldest, arrival_of(entry.id));
    EXPECT_EQ(statistics.elsewhere, 0U);

    ASSERT_TRUE(settle({outcome_of(accepted.taken, 0, RecipientState::waiting)})) << "and now it is listed";
    ASSERT_TRUE(settle({outcome_of(accepted.taken, 1, RecipientState::delivered)}));
    EXPECT_THAT(found({.domain = "there.test"}), ElementsAre(before, entry.id, after));
    EXPECT_THAT(found({.account = "ann"}), ElementsAre(entry.id));
    EXPECT_THAT(found({.recipient = "eve@else.test"}), IsEmpty());
    EXPECT_EQ(queue.statistics(10)->destinations.size(), 1U);
    for (const auto id : {before, entry.id, after}) ASSERT_TRUE(queue.remove(id));
    expect_nothing_left();
}

TEST_F(WorkTest, WhatIsHeldForLaterSleepsUntilThen) {
    auto entry = entry_of("text", {to("bob@there.test")});
    entry.hold_until = clock.now() + 1h;
    auto accepted = queue.accept(entry, engine::prepare_blob("text"), 1min);
    EXPECT_THAT(accepted.taken.dues, IsEmpty());
    commit({std::move(accepted.part)});
    EXPECT_EQ(wake().count, 0U);
    EXPECT_EQ(wake().next, entry.hold_until);
    EXPECT_EQ(queue.first_sleeper().value(), entry.hold_until);
    clock.advance(1h);
    const auto woken = wake();
    EXPECT_EQ(woken.count, 1U);
    EXPECT_THAT(woken.destinations, ElementsAre("there.test"));
    EXPECT_EQ(woken.next, std::nullopt);
    EXPECT_EQ(queue.first_sleeper().value(), std::nullopt);
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), ElementsAre("there.test"));
}

TEST_F(WorkTest, WhatWasPutOffComesBackInItsTime) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    const auto taken = take_all("there.test");
    ASSERT_TRUE(settle({outcome_of(taken, 0, RecipientState::waiting)}));
    const auto recipient = queue.entry(id)->recipients[0];
    EXPECT_EQ(recipient.attempts, 1U);
    EXPECT_EQ(recipient.last_reply, "450 later");
    EXPECT_EQ(recipient.next_attempt, clock.now() + 5min);
    EXPECT_EQ(recipient.lease, std::nullopt);
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), IsEmpty());
    clock.advance(5min);
    EXPECT_EQ(wake().count, 1U);
    EXPECT_EQ(queue.ready("there.test", {}).value().dues.at(0).attempts, 1U);
}

TEST_F(WorkTest, OfALongReplyIsKeptWhatAPersonReads) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@there.test"});
    const auto taken = take_all("there.test");
    auto later = outcome_of(taken, 0, RecipientState::waiting);
    auto never = outcome_of(taken, 1, RecipientState::failed);
    for (int i = 0; i < 70'000; ++i) later.attempt.reply += "\xef\xbf\xbd";
    never.attempt.reply = later.attempt.reply;
    never.suppress = true;
    const auto settled = settle({later, never});
    ASSERT_TRUE(settled) << settled.error().message;
    const auto kept = queue.entry(id)->recipients.at(0).last_reply;
    EXPECT_EQ(kept, later.attempt.reply.substr(0, 1998)) << "no part of a character";
    for (const auto& record : queue.story(id)->records) EXPECT_EQ(record.attempt.reply, kept);
}

// Neither a change of all nor a new beginning is too large a transaction.
TEST_F(WorkTest, ManyOfWhomMuchWasSaidAreMovedTogether) {
    constexpr std::size_t count = 500, at_once = 100;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(fmt::format("bob{}@there.test", i));
    enter("ann@here.test", all);
    const auto taken = take(queue.ready("there.test", {.limit = count}).value().dues);
    for (std::size_t from = 0; from < count; from += at_once) {
        std::vector<Outcome> outcomes;
        for (auto i = from; i < from + at_once; ++i) {
            outcomes.push_back(outcome_of(taken, i, RecipientState::waiting));
            outcomes.back().attempt.reply = std::string(70'000, 'x');
            outcomes.back().next_attempt = clock.now();
        }
        ASSERT_TRUE(settle(std::move(outcomes)));
    }
    const auto held = queue.change({.all = true}, Control::hold);
    ASSERT_TRUE(held) << held.error().message;
    EXPECT_EQ(held->recipients, count);
    ASSERT_TRUE(queue.change({.all = true}, Control::release));
    EXPECT_THAT(take(queue.ready("there.test", {.limit = count}).value().dues).dues, SizeIs(count));
    const auto begun = queue.begin();
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_THAT(queue.ready("there.test", {.limit = count}).value().dues, SizeIs(count));
}

TEST_F(WorkTest, WhoHasLostTheLeaseChangesNothing) {
    const auto id = enter("ann@here.test", {"bob@there.test", "eve@there.test"});
    auto first = take_all("there.test");
    ASSERT_THAT(first.dues, SizeIs(2));
    first.hold.reset();
    clock.advance(2min);
    EXPECT_EQ(free_overdue(), 2U);
    const auto page = queue.ready("there.test", {}).value();
    const auto second = take({page.dues.at(1)});
    const auto before = queue.entry(id).value();
    const auto late = settle(
        {outcome_of(first, 0, RecipientState::delivered), outcome_of(first, 1, RecipientState::failed)});
    EXPECT_EQ(late.error().kind, Error::Kind::conflict);
    EXPECT_EQ(queue.entry(id).value(), before);
    EXPECT_TRUE(settle({outcome_of(second, 0, RecipientState::delivered)}));
    EXPECT_EQ(settle({outcome_of(second, 0, RecipientState::delivered)}).error().kind, Error::Kind::conflict);
}

// It would be sent twice.
TEST_F(WorkTest, WhatIsInOurHandsIsNotFreedHoweverFarTheClockIsSetForward) {
    enter("ann@here.test", {"bob@there.test"});
    auto taken = take_all("there.test");
    ASSERT_THAT(taken.dues, SizeIs(1));
    auto accepted =
        queue.accept(entry_of("text", {to("eve@there.test")}), engine::prepare_blob("text"), 1min);
    commit({std::move(accepted.part)});
    clock.advance(26h);
    EXPECT_EQ(free_overdue(), 0U);
    EXPECT_TRUE(settle({outcome_of(accepted.taken, 0, RecipientState::delivered)}));
    taken.hold.reset();
    EXPECT_EQ(free_overdue(), 1U) << "nobody has it any more";
}

TEST_F(WorkTest, ASilentNodeLosesItsLeasesToOthers) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    Queue other(*engine, clock, {.node = "other"});
    ASSERT_TRUE(other.begin());
    auto taking = other.take(other.ready("there.test", {}).value().dues, longest_lease);
    commit({std::move(taking.part)});
    clock.advance(sign_of_life - 1min);
    commit({other.stay()});
    clock.advance(sign_of_life - 1ms);
    EXPECT_EQ(free_overdue(), 0U) << "it has said that it is there";
    clock.advance(1ms);
    EXPECT_EQ(other.free_overdue()->count, 0U)
        << "who has been kept from saying so, by a machine that slept, frees nothing of its own";
    EXPECT_EQ(free_overdue(), 1U);
    EXPECT_EQ(queue.entry(id)->recipients[0].lease, std::nullopt);
    EXPECT_EQ(settle({outcome_of(*taking.found, 0, RecipientState::delivered)}).error().kind,
              Error::Kind::conflict);
    EXPECT_THAT(queue.ready("there.test", {}).value().dues, SizeIs(1));
}

TEST_F(WorkTest, ANodeThatBeginsAgainFreesItsOwnLeasesAndNoOthers) {
    enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    Queue other(*engine, clock, {.node = "other"});
    ASSERT_TRUE(other.begin());
    const auto mine = take_all("there.test");
    auto theirs = other.take(other.ready("else.test", {}).value().dues, 1h);
    commit({std::move(theirs.part)});
    ASSERT_THAT(theirs.found->dues, SizeIs(1));
    Queue again(*engine, clock);
    ASSERT_TRUE(again.begin());
    EXPECT_THAT(again.ready_destinations({}, 10).value(), ElementsAre("there.test"));
    EXPECT_EQ(settle({outcome_of(mine, 0, RecipientState::delivered)}).error().kind, Error::Kind::conflict);
    EXPECT_TRUE(settle({outcome_of(*theirs.found, 0, RecipientState::delivered)}));
}

TEST_F(WorkTest, NobodyTakesBeforeItBegins) {
    enter("ann@here.test", {"bob@there.test"});
    Queue idle(*engine, clock, {.node = "idle"});
    auto taking = idle.take(idle.ready("there.test", {}).value().dues, 1h);
    EXPECT_EQ(engine->transact(taking.part.scope, taking.part.work).error().kind, Error::Kind::conflict);
    auto accepted = idle.accept(entry_of("text", {to("a@b.test")}), engine::prepare_blob("text"), 1min);
    EXPECT_THAT(accepted.taken.dues, IsEmpty());
    commit({std::move(accepted.part)});
    EXPECT_THAT(queue.ready_destinations({}, 10).value(), ElementsAre("b.test", "there.test"));
}

TEST_F(WorkTest, WhatTheSenderIsToldIsInTheSameCommitOrNot) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    const auto taken = take_all("there.test");
    auto bounce = entry_of("it failed", {to("ann@here.test")});
    bounce.sender = "";
    const auto settle_with_bounce = [&] {
        std::vector<engine::Part> parts;
        parts.push_back(queue.settle({outcome_of(taken, 0, RecipientState::failed)}));
        parts.push_back(queue.part_of(bounce, engine::prepare_blob("it failed")));
        return engine->transact(std::move(parts), engine::Together::all_or_none);
    };
    EXPECT_TRUE(settle_with_bounce()[0]);
    EXPECT_EQ(queue.entry(id).error().kind, Error::Kind::not_found);
    EXPECT_TRUE(queue.entry(bounce.id));
    ASSERT_TRUE(queue.remove(bounce.id));
    EXPECT_FALSE(settle_with_bounce()[1]);
    EXPECT_FALSE(queue.entry(bounce.id));
    expect_nothing_left();
}

TEST_F(WorkTest, GivenBackAsItWasNothingIsCounted) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    const auto taken = take_all("there.test");
    auto outcome = outcome_of(taken, 0, RecipientState::waiting);
    outcome.tried = false;
    outcome.next_attempt = clock.now();
    ASSERT_TRUE(settle({outcome}));
    EXPECT_EQ(queue.entry(id)->recipients[0].attempts, 0U);
    EXPECT_THAT(queue.ready("there.test", {}).value().dues, SizeIs(1));
}

TEST_F(WorkTest, AFullQueueTakesNotificationsOnly) {
    queue.apply({.limits = {.messages = 3, .account_messages = 1}});
    auto entry = entry_of("text", {to("bob@there.test")});
    entry.account = "ann";
    keep(entry, "text");
    entry.id = queue.next_id();
    EXPECT_EQ(try_to_keep(entry, "text").error().kind, Error::Kind::over_quota);
    enter("x@here.test", {"bob@there.test"});
    enter("x@here.test", {"bob@there.test"});
    entry.account = "";
    EXPECT_EQ(try_to_keep(entry, "text").error().kind, Error::Kind::no_space);
    entry.sender = "";
    EXPECT_TRUE(try_to_keep(entry, "text"));
    for (const auto& each : queue.list({}).value()) ASSERT_TRUE(queue.remove(each.id));
    entry.account = "ann";
    entry.sender = "ann@here.test";
    EXPECT_TRUE(try_to_keep(entry, "text")) << "what has gone makes room";
}

TEST_F(WorkTest, BytesAreLimitedToo) {
    queue.apply({.limits = {.bytes = 100}});
    auto entry = entry_of(std::string(100, 'x'), {to("bob@there.test")});
    EXPECT_EQ(try_to_keep(entry, std::string(100, 'x')).error().kind, Error::Kind::no_space);
    entry = entry_of("xx", {to("bob@there.test")});
    EXPECT_TRUE(try_to_keep(entry, "xx"));
}

TEST_F(WorkTest, EntriesOfAnOlderProgramComeIntoOrder) {
    // As version 1 wrote them: no order, no counts.
    auto engine2 = engine::make_memory_engine();
    const EntryId id(77);
    const auto blob = engine::prepare_blob("old");
    ASSERT_TRUE(
        engine2->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            auto entry = entry_of("old", {});
            entry.id = id;
            entry.ordered = false;
            auto done = to("bob@there.test");
            done.state = RecipientState::delivered;
            transaction.put(entry_key(id), encode(entry));
            transaction.put(recipient_key(id, 0), encode(done));
            transaction.put(recipient_key(id, 1), encode(to("eve@there.test")));
            transaction.put(recipient_key(id, 2), encode(to("dan@there.test")));
            transaction.keep(blob);
            return {};
        }));
    Queue old(*engine2, clock);
    ASSERT_TRUE(old.begin());
    const auto dues = old.ready("there.test", {}).value().dues;
    ASSERT_THAT(dues, SizeIs(2));
    auto taking = old.take(dues, 1min);
    ASSERT_TRUE(engine2->transact(taking.part.scope, taking.part.work));
    for (std::size_t i = 0; i < 2; ++i) {
        const auto part = old.settle({outcome_of(*taking.found, i, RecipientState::delivered)});
        ASSERT_TRUE(engine2->transact(part.scope, part.work));
    }
    EXPECT_FALSE(old.entry(id));
    EXPECT_EQ(engine2->statistics().blobs, 0U);
}

// As the program before this one kept it: in order, and neither counted nor listed.
TEST_F(WorkTest, WhatAnOlderProgramDidNotCountIsCountedAtTheBeginning) {
    enter("ann@here.test", {"bob@there.test", "eve@else.test"});
    const auto id = enter("dan@here.test", {"bob@there.test", "held@there.test", "later@last.test"});
    ASSERT_TRUE(settle({outcome_of(take_all("else.test"), 0, RecipientState::delivered)}));
    ASSERT_TRUE(settle({outcome_of(take_all("last.test"), 0, RecipientState::waiting)}));
    ASSERT_TRUE(queue.change({.recipient = "held@there.test"}, Control::hold));
    const auto before = queue.statistics(10).value();
    ASSERT_TRUE(
        engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            std::vector<std::string> all(1, std::string(keys::tally));
            for (const auto prefix : {keys::destination_counts, keys::by_destination, keys::by_sender})
                for (const auto cursor = transaction.scan(engine::Range::starting_with(prefix));
                     cursor->valid(); cursor->next())
                    all.emplace_back(cursor->key());
            for (const auto& key : all) transaction.erase(key);
            transaction.put(keys::ordered, "1");
            return {};
        }));
    Queue again(*engine, clock);
    EXPECT_EQ(again.statistics(10).error().kind, Error::Kind::unavailable) << "rather than a wrong answer";
    EXPECT_THAT(find(*engine, {.sender = "dan@here.test"}, {}).value().entries, SizeIs(1)) << "by walking";
    ASSERT_TRUE(again.begin());
    const auto after = again.statistics(10).value();
    EXPECT_EQ(after.ready, before.ready);
    EXPECT_EQ(after.asleep, before.asleep);
    EXPECT_EQ(after.held, before.held);
    EXPECT_EQ(after.finished, before.finished);
    ASSERT_THAT(after.destinations, SizeIs(2));
    EXPECT_EQ(after.destinations[0].name, "there.test");
    EXPECT_EQ(after.destinations[0].recipients, 3U);
    const auto found = find(*engine, {.sender = "dan@here.test"}, {}).value().entries;
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].id, id);
}

// What is counted and listed, key by key.
std::map<std::string, std::string> counts_of(const engine::Reader& reader) {
    std::map<std::string, std::string> all;
    for (const auto prefix : {keys::tally, keys::destination_counts, keys::by_destination, keys::by_sender})
        for (const auto cursor = reader.scan(engine::Range::starting_with(prefix)); cursor->valid();
             cursor->next())
            all.emplace(cursor->key(), cursor->value());
    return all;
}

// An older program does all that this one does, but leaves the counts and lists as they are.
TEST_F(WorkTest, AfterAStepBackAllIsCountedAnew) {
    const auto step_back = [this](const std::function<void()>& do_what) {
        const auto before = counts_of(*engine->snapshot(engine::Scope::global()));
        do_what();
        ASSERT_TRUE(
            engine->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
                for (const auto& [key, value] : counts_of(transaction)) transaction.erase(key);
                for (const auto& [key, value] : before) transaction.put(key, value);
                TRY(const auto epoch, transaction.get(keys::epoch));
                transaction.put(keys::epoch, encode_count(decode_count(epoch.value()).value() + 1));
                return {};
            }));
    };
    const auto gone = enter("ann@here.test", {"bob@there.test"});
    const auto kept = enter("ann@here.test", {"eve@else.test"});
    EntryId fresh;
    step_back([&] {
        ASSERT_TRUE(queue.remove(gone));
        fresh = enter("dan@here.test", {"zoe@last.test"});
    });
    EXPECT_THAT(find(*engine, {.domain = "last.test"}, {}).value().entries, SizeIs(0)) << "not listed";
    Queue again(*engine, clock);
    ASSERT_TRUE(again.begin());
    EXPECT_EQ(find(*engine, {.domain = "last.test"}, {}).value().entries.at(0).id, fresh);
    EXPECT_EQ(find(*engine, {.sender = "ann@here.test"}, {}).value().entries.at(0).id, kept);
    const auto statistics = again.statistics(10).value();
    EXPECT_EQ(statistics.ready, 2U);
    EXPECT_THAT(statistics.destinations, SizeIs(2)) << "there.test has none";
    // One is under way for the first time, in no list, and another of its message waits: a step back changes
    // neither what is found nor what is counted.
    auto entry = entry_of("text", {to("now@far.test"), to("later@far.test")});
    entry.recipients[1].next_attempt = clock.now() + 1h;
    auto accepted = again.accept(entry, engine::prepare_blob("text"), longest_lease);
    commit({std::move(accepted.part)});
    step_back([] {});
    Queue other(*engine, clock, {.node = "other"});
    ASSERT_TRUE(other.begin());
    EXPECT_THAT(find(*engine, {.recipient = "now@far.test"}, {}).value().entries, SizeIs(1));
    EXPECT_THAT(find(*engine, {.recipient = "later@far.test"}, {}).value().entries, SizeIs(1));
    EXPECT_EQ(other.statistics(10)->asleep, 1U);
    // Nothing was done in between: nothing is counted again.
    const auto before = counts_of(*engine->snapshot(engine::Scope::global()));
    Queue third(*engine, clock, {.node = "other"});
    ASSERT_TRUE(third.begin());
    EXPECT_EQ(counts_of(*engine->snapshot(engine::Scope::global())), before);
}

// RFC 2852 §4.1.3: what the sender has heard is remembered, of delays and of deadlines apart.
TEST_F(WorkTest, WhatTheSenderHasHeardIsRemembered) {
    const auto id = enter("ann@here.test", {"bob@there.test"});
    auto outcome = outcome_of(take_all("there.test"), 0, RecipientState::waiting);
    outcome.delay_told = true;
    ASSERT_TRUE(settle({outcome}));
    EXPECT_TRUE(queue.entry(id)->recipients.at(0).delay_told);
    EXPECT_FALSE(queue.entry(id)->recipients.at(0).deadline_told);
    clock.advance(10min);
    wake();
    outcome = outcome_of(take_all("there.test"), 0, RecipientState::waiting);
    outcome.deadline_told = true;
    ASSERT_TRUE(settle({outcome}));
    EXPECT_TRUE(queue.entry(id)->recipients.at(0).delay_told);
    EXPECT_TRUE(queue.entry(id)->recipients.at(0).deadline_told);
}

TEST_F(WorkTest, AnOldEntryIsRemovedWhole) {
    auto engine2 = engine::make_memory_engine();
    const EntryId id(77);
    ASSERT_TRUE(
        engine2->transact(engine::Scope::global(), [&](engine::Transaction& transaction) -> Result<void> {
            auto entry = entry_of("old", {});
            entry.ordered = false;
            transaction.put(entry_key(id), encode(entry));
            for (std::uint32_t i = 0; i < 3; ++i)
                transaction.put(recipient_key(id, i), encode(to("bob@there.test")));
            transaction.keep(engine::prepare_blob("old"));
            return {};
        }));
    Queue old(*engine2, clock);
    ASSERT_TRUE(old.remove(id));
    const auto snapshot = engine2->snapshot(engine::Scope::global());
    EXPECT_FALSE(snapshot->scan(engine::Range::starting_with(key_prefix))->valid());
    EXPECT_FALSE(snapshot->scan(engine::Range::starting_with(keys::ready))->valid());
    EXPECT_EQ(engine2->statistics().blobs, 0U);
}

}  // namespace
}  // namespace hongyan::queue
