// What concerns several accounts, or the store as a whole.
#include <future>

#include "engine/without_waiting.h"
#include "store/edit.h"
#include "store/store_fixture.h"

namespace hongyan::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Delivery delivery(AccountId account, const NewMessage& message, MailboxId mailbox = inbox) {
    return {account, mailbox, message};
}

// RFC 2033 §4.2: every recipient has an answer of its own.
TEST_F(StoreTest, OneMessageGoesToManyAccountsAndIsKeptOnce) {
    ASSERT_TRUE(store.create_account(ben, {.messages = 1}));
    const auto message = mail("to all");
    const auto outcomes =
        store.deliver({delivery(ann, message), delivery(ben, message), delivery(ben, message),
                       delivery(AccountId(9), message), delivery(ann, message, MailboxId(99))});
    ASSERT_EQ(outcomes.size(), 5U);
    EXPECT_EQ(outcomes[0]->uid, Uid(1));
    EXPECT_EQ(outcomes[0]->uid_validity, state().uid_validity);
    EXPECT_EQ(outcomes[1]->uid, Uid(1));
    EXPECT_EQ(outcomes[2].error().kind, Error::Kind::over_quota);
    EXPECT_EQ(outcomes[3].error().kind, Error::Kind::not_found);
    EXPECT_EQ(outcomes[4].error().kind, Error::Kind::not_found);
    EXPECT_EQ(engine->statistics().blobs, 1U);
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(store.account(ben).view().read(outcomes[1]->message).value(), "to all");
}

TEST_F(StoreTest, ADeliveryTriedAgainIsNotThereTwice) {
    auto message = mail("once");
    message.key = "queue-7/ann";
    const auto first = store.deliver({delivery(ann, message)}).front().value();
    EXPECT_FALSE(first.seen_before);
    const auto heard = state().highest_modseq;
    auto again = store.deliver({delivery(ann, message)}).front().value();
    EXPECT_TRUE(again.seen_before);
    again.seen_before = false;
    EXPECT_EQ(again, first);
    EXPECT_EQ(state().highest_modseq, heard);
    EXPECT_EQ(state().counts.messages, 1U);

    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_TRUE(store.deliver({delivery(ann, message)}).front()->seen_before);
    clock.advance(store.limits().delivery_memory + std::chrono::hours(1));
    ASSERT_TRUE(account.tidy());
    EXPECT_FALSE(store.deliver({delivery(ann, message)}).front()->seen_before);
}

TEST_F(StoreTest, AnotherMessageUnderTheKeyOfOneThatIsThereIsNotTakenForIt) {
    auto message = mail("one");
    message.key = "queue-7/ann";
    ASSERT_TRUE(store.deliver({delivery(ann, message)}).front());
    auto other = mail("two");
    other.key = message.key;
    EXPECT_EQ(store.deliver({delivery(ann, other)}).front().error().kind, Error::Kind::conflict);
    EXPECT_EQ(state().counts.messages, 1U);
}

TEST_F(StoreTest, ADeliveryWithAKeywordThatIsNoneIsRefused) {
    EXPECT_EQ(store.deliver({delivery(ann, mail("m", Flags().add("a b")))}).front().error().kind,
              Error::Kind::invalid);
}

TEST_F(StoreTest, ListenersHearOfEveryCommitThatChangedSomething) {
    std::vector<std::pair<AccountId, ModSeq>> heard;
    {
        const auto subscription =
            store.on_change([&](AccountId id, ModSeq modseq) { heard.emplace_back(id, modseq); });
        append("one");
        EXPECT_THAT(heard, ElementsAre(std::pair(ann, state().highest_modseq)));
        ASSERT_TRUE(account.change_flags(inbox, uids({1}), {.flags = {}}));
        ASSERT_TRUE(account.set_quota({.messages = 1}));
        EXPECT_FALSE(account.append(inbox, {mail("two")}));
        EXPECT_EQ(heard.size(), 1U);
        ASSERT_TRUE(store.deliver({delivery(ann, mail("x"))}).front().error().kind ==
                    Error::Kind::over_quota);
        EXPECT_EQ(heard.size(), 1U);
    }
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(heard.size(), 1U);
}

TEST_F(StoreTest, AListenerThatFailsSilencesNoOther) {
    int heard = 0;
    const auto hears = [&heard](AccountId, ModSeq) { ++heard; };
    const auto before = store.on_change(hears);
    const auto broken = store.on_change([](AccountId, ModSeq) { throw std::runtime_error("broken"); });
    const auto behind = store.on_change(hears);
    EXPECT_THROW(store.announce(ann, ModSeq(1)), std::runtime_error);
    EXPECT_EQ(heard, 2);
}

TEST_F(StoreTest, ADeliveryCanBeAPartOfALargerCommit) {
    const auto placed = std::make_shared<Placed>();
    const auto fails = [](engine::Transaction&) -> Result<void> { return fail(Error::Kind::denied, "no"); };
    const auto part = store.part_of(delivery(ann, mail("m")), placed);
    (void)engine->transact({part, {engine::Scope::global(), fails}}, engine::Together::all_or_none);
    EXPECT_EQ(present(), UidSet());
    ASSERT_TRUE(engine->transact({part}, engine::Together::all_or_none).front());
    EXPECT_EQ(placed->uid, Uid(1));
    EXPECT_EQ(present(), uids({1}));
}

TEST_F(StoreTest, ManyAccountsBeginAtOnceAndOneThatIsThereAlreadySpoilsNoOther) {
    std::vector<Store::Opening> openings;
    for (std::uint32_t id = ann.value(); id < ann.value() + 200; ++id)
        openings.push_back({AccountId(id), {.bytes = 0, .messages = id}});
    const auto outcomes = store.create_accounts(openings);
    ASSERT_EQ(outcomes.size(), openings.size());
    EXPECT_EQ(outcomes.front().error().kind, Error::Kind::exists);
    for (std::size_t i = 1; i < openings.size(); ++i) {
        ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
        EXPECT_EQ(store.account(openings[i].account).view().state()->quota, openings[i].quota);
    }
    EXPECT_EQ(store.accounts()->size(), openings.size());
    EXPECT_THAT(store.create_accounts({}), testing::IsEmpty());
}

TEST_F(StoreTest, AnAccountRemovedLeavesNothing) {
    ASSERT_TRUE(store.create_account(ben));
    EXPECT_THAT(store.accounts().value(), ElementsAre(ann, ben));
    for (int i = 0; i < 700; ++i) append(fmt::format("m{}", i));
    ASSERT_TRUE(store.deliver({delivery(ben, mail("m0"))}).front());
    ASSERT_TRUE(store.remove_account(ann));
    EXPECT_THAT(store.accounts().value(), ElementsAre(ben));
    EXPECT_FALSE(engine->snapshot(engine::Scope::account(ann))->scan({})->valid());
    EXPECT_EQ(engine->statistics().blobs, 1U);
    EXPECT_EQ(account.view().mailboxes().error().kind, Error::Kind::not_found);
    EXPECT_EQ(account.append(inbox, {mail("late")}).error().kind, Error::Kind::not_found);
    EXPECT_EQ(store.remove_account(ann).error().kind, Error::Kind::not_found);
    EXPECT_TRUE(store.create_account(ann));
}

TEST_F(StoreTest, WhatACrashCutShortIsEndedByTidy) {
    const auto box = account.create(name("box")).value().id;
    append("m", {}, box);
    ASSERT_TRUE(store.edit(ann, [&](Edit& edit) -> Result<void> {
        (*edit.mailbox(box))->kind = MailboxState::Kind::leaving;
        return {};
    }));
    EXPECT_EQ(usage().messages, 1U);
    ASSERT_TRUE(account.tidy());
    EXPECT_EQ(usage().messages, 0U);
}

TEST_F(StoreTest, ManyMayDeliverAtOnce) {
    constexpr int each = 50;
    std::vector<std::future<void>> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.push_back(std::async(std::launch::async, [&] {
            for (int i = 0; i < each; ++i) EXPECT_TRUE(store.deliver({delivery(ann, mail("m"))}).front());
        }));
    for (auto& thread : threads) thread.get();
    EXPECT_EQ(state().counts.messages, 4U * each);
    EXPECT_EQ(present(), UidSet::of({Uid(1), Uid(4 * each)}));
}

// Changes

TEST_F(StoreTest, AClientThatComesBackLearnsWhatChangedAndWhatVanished) {
    append("one");
    append("two");
    append("three");
    const auto known = state().highest_modseq;
    ASSERT_TRUE(account.change_flags(inbox, uids({2}), {.flags = {Flag::seen}}));
    append("four");
    append("five");
    ASSERT_TRUE(account.expunge(inbox, uids({1, 4}), Which::all));
    const auto changes = account.view().changes(inbox, known).value();
    EXPECT_TRUE(changes.exact);
    EXPECT_EQ(changes.now, state().highest_modseq);
    EXPECT_EQ(changes.changed, uids({2, 5}));
    EXPECT_EQ(changes.vanished, uids({1, 4}));
    const auto none = account.view().changes(inbox, state().highest_modseq).value();
    EXPECT_EQ(none.changed, UidSet());
    EXPECT_EQ(none.vanished, UidSet());
}

// RFC 7162 §3.2.5.1: without a memory of expunged messages, all UIDs that are not there are named.
TEST(StoreHistory, WhatIsNoLongerInTheLogIsAnsweredFromWhatIsThere) {
    ManualClock clock;
    const auto engine = engine::make_memory_engine();
    Store store(*engine, clock, {.history = 3});
    ASSERT_TRUE(store.create_account(ann));
    const auto account = store.account(ann);
    const auto start = account.view().state().value().modseq;
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(account.append(inbox, {mail("m")}));
    const auto middle = account.view().state().value().modseq;
    ASSERT_TRUE(account.expunge(inbox, uids({1, 2}), Which::all));
    ASSERT_TRUE(account.tidy());

    const auto old = account.view().changes(inbox, start).value();
    EXPECT_FALSE(old.exact);
    {
        const engine::WithoutWaiting here;
        EXPECT_FALSE(account.view().changes(inbox, start));
        EXPECT_TRUE(here.missed());
    }
    EXPECT_EQ(old.vanished, uids({1, 2}));
    EXPECT_EQ(old.changed, uids({3, 4, 5, 6}));
    EXPECT_EQ(account.view().message_changes(start).value(), std::nullopt);
    EXPECT_EQ(account.view().mailbox_changes(start).value(), std::nullopt);
    const auto recent = account.view().changes(inbox, middle).value();
    EXPECT_TRUE(recent.exact);
    EXPECT_EQ(recent.vanished, uids({1, 2}));
    EXPECT_EQ(recent.changed, UidSet());
    EXPECT_TRUE(account.view().message_changes(middle).value());
}

TEST_F(StoreTest, AStateFromTheFutureIsNotBelieved) {
    append("one");
    const auto changes = account.view().changes(inbox, ModSeq(1'000)).value();
    EXPECT_FALSE(changes.exact);
    EXPECT_EQ(changes.changed, uids({1}));
    EXPECT_EQ(account.view().message_changes(ModSeq(1'000)).value(), std::nullopt);
}

TEST_F(StoreTest, MailboxChangesSayWhetherOnlyCountsChanged) {
    const auto start = account.view().state().value().modseq;
    append("one");
    const auto counts = account.view().mailbox_changes(start).value().value();
    EXPECT_THAT(counts.updated, ElementsAre(inbox));
    EXPECT_TRUE(counts.only_counts);
    ASSERT_TRUE(account.subscribe(name("INBOX"), false));
    const auto made = account.create(name("new")).value().id;
    const auto changes = account.view().mailbox_changes(start).value().value();
    EXPECT_THAT(changes.created, ElementsAre(made));
    EXPECT_FALSE(changes.only_counts);
    ASSERT_TRUE(account.remove(made));
    EXPECT_THAT(account.view().mailbox_changes(start).value()->created, IsEmpty());
    EXPECT_THAT(account.view().mailbox_changes(start).value()->removed, IsEmpty());
}

}  // namespace
}  // namespace hongyan::store
