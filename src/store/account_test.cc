#include <map>
#include <ranges>
#include <set>

#include "store/check.h"
#include "store/flag_work.h"
#include "store/keys.h"
#include "store/placement.h"
#include "store/records.h"
#include "store/store_fixture.h"

namespace hongyan::store {
namespace {

using testing::ElementsAre;

// Mailboxes

TEST_F(StoreTest, AnAccountBeginsWithTheMailboxesPeopleExpect) {
    EXPECT_THAT(names(), ElementsAre("Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"));
    EXPECT_EQ(id_of("INBOX"), inbox);
    EXPECT_EQ(state(id_of("Sent")).use, SpecialUse::sent);
    EXPECT_TRUE(state(id_of("Sent")).subscribed);
    EXPECT_EQ(store.create_account(ann).error().kind, Error::Kind::exists);
}

TEST_F(StoreTest, CreatingMakesWhatIsMissingAbove) {
    const auto made = account.create(name("Work/2026/重要")).value();
    EXPECT_EQ(made.name.text(), "Work/2026/重要");
    EXPECT_TRUE(is_listed_with_children(id_of("Work")));
    EXPECT_FALSE(is_listed_with_children(made.id));
    EXPECT_EQ(account.create(name("Work/2026")).error().kind, Error::Kind::exists);
    EXPECT_EQ(account.create(name("inbox")).error().kind, Error::Kind::exists);
}

TEST_F(StoreTest, EveryMailboxHasItsOwnUidValidity) {
    const auto first = account.create(name("a")).value();
    ASSERT_TRUE(account.remove(first.id));
    const auto second = account.create(name("a")).value();
    EXPECT_GT(second.uid_validity, first.uid_validity);
    EXPECT_NE(second.id, first.id);
}

TEST_F(StoreTest, RenamingTakesTheChildrenAlongAndKeepsIds) {
    const auto child = account.create(name("a/b/c")).value();
    ASSERT_TRUE(account.rename(id_of("a/b"), name("x/y")));
    EXPECT_EQ(state(child.id).name.text(), "x/y/c");
    EXPECT_EQ(id_of("x/y/c"), child.id);
    EXPECT_FALSE(account.view().find(name("a/b")));
    EXPECT_TRUE(account.view().find(name("a")));
}

TEST_F(StoreTest, RenamingRefusesWhatCannotBe) {
    ASSERT_TRUE(account.create(name("a/b")));
    EXPECT_EQ(account.rename(id_of("a"), name("a/b/c")).error().kind, Error::Kind::invalid);
    EXPECT_EQ(account.rename(id_of("a"), name("Sent")).error().kind, Error::Kind::exists);
    EXPECT_EQ(account.rename(MailboxId(99), name("z")).error().kind, Error::Kind::not_found);
    EXPECT_TRUE(account.rename(id_of("a"), name("a")));
}

// RFC 9051 §6.3.6: renaming INBOX moves its messages and leaves INBOX empty.
TEST_F(StoreTest, RenamingInboxMovesItsMessages) {
    append("one");
    append("two", {Flag::seen});
    ASSERT_TRUE(account.rename(inbox, name("old-mail")));
    EXPECT_EQ(state(inbox).counts.messages, 0U);
    EXPECT_EQ(state(id_of("old-mail")).counts.messages, 2U);
    EXPECT_EQ(state(id_of("old-mail")).counts.unseen, 1U);
}

TEST_F(StoreTest, RemovingAMailboxRemovesItsMessages) {
    const auto box = account.create(name("box")).value().id;
    append("one", {}, box);
    EXPECT_EQ(usage().messages, 1U);
    ASSERT_TRUE(account.remove(box));
    EXPECT_EQ(usage(), Usage());
    EXPECT_EQ(account.append(box, {mail("late")}).error().kind, Error::Kind::not_found);
    EXPECT_EQ(account.remove(inbox).error().kind, Error::Kind::denied);
}

TEST_F(StoreTest, AMailboxWithChildrenLeavesItsNameOrStays) {
    ASSERT_TRUE(account.create(name("a/b")));
    append("one", {}, id_of("a"));
    EXPECT_EQ(account.remove(id_of("a")).error().kind, Error::Kind::conflict);
    const auto before = state(id_of("a"));
    ASSERT_TRUE(account.remove(before.id, Children::keep_name));
    const auto after = state(id_of("a"));
    EXPECT_FALSE(after.selectable());
    EXPECT_TRUE(is_listed_with_children(after.id));
    EXPECT_EQ(state(id_of("a/b")).name.text(), "a/b");
    EXPECT_EQ(account.append(after.id, {mail("x")}).error().kind, Error::Kind::denied);

    const auto again = account.create(name("a")).value();
    EXPECT_TRUE(again.selectable());
    EXPECT_GT(again.uid_validity, before.uid_validity);
    EXPECT_EQ(again.counts, Counts());
}

// RFC 9051 §6.3.7: a subscription outlives its mailbox.
TEST_F(StoreTest, ASubscriptionOutlivesItsMailbox) {
    ASSERT_TRUE(account.create(name("list"), {.subscribed = true}));
    ASSERT_TRUE(account.remove(id_of("list")));
    EXPECT_THAT(account.view().lost_subscriptions().value(), ElementsAre(name("list")));
    EXPECT_TRUE(account.create(name("list")).value().subscribed);
    EXPECT_TRUE(account.view().lost_subscriptions().value().empty());
    ASSERT_TRUE(account.remove(id_of("list")));
    ASSERT_TRUE(account.subscribe(name("list"), false));
    EXPECT_TRUE(account.view().lost_subscriptions().value().empty());
    EXPECT_EQ(account.subscribe(name("list"), true).error().kind, Error::Kind::not_found);
}

TEST_F(StoreTest, TheLongestNameCanBeCreatedRenamedAndRemoved) {
    std::string longest(max_level_size, 'x');
    for (std::size_t level = 1; level < max_levels; ++level)
        longest += "/" + std::string(max_level_size, 'x');
    const auto made = account.create(name(longest), {.subscribed = true}).value();
    ASSERT_TRUE(account.rename(made.id, name(longest.substr(0, longest.size() - 1) + "y")));
    ASSERT_TRUE(account.remove(made.id));
    EXPECT_EQ(account.view().lost_subscriptions().value().size(), 1U);
}

TEST_F(StoreTest, ASpecialUseBelongsToOneMailbox) {
    EXPECT_EQ(account.create(name("Spam"), {.use = SpecialUse::junk}).error().kind, Error::Kind::exists);
    ASSERT_TRUE(account.set_special_use(id_of("Junk"), SpecialUse::none));
    EXPECT_EQ(account.create(name("Spam"), {.use = SpecialUse::junk}).value().use, SpecialUse::junk);
    EXPECT_EQ(account.set_special_use(inbox, SpecialUse::all).error().kind, Error::Kind::denied);
}

TEST(StoreLimits, AnAccountHasSoManyMailboxesAndNoMore) {
    ManualClock clock;
    const auto engine = engine::make_memory_engine();
    Store store(*engine, clock, {.mailboxes = 8});
    ASSERT_TRUE(store.create_account(ann));
    EXPECT_TRUE(store.account(ann).create(name("a/b")));
    EXPECT_EQ(store.account(ann).create(name("c")).error().kind, Error::Kind::over_quota);
}

// Messages

TEST_F(StoreTest, AMessageIsReadAsItCameWithItsOwnTraceBeforeIt) {
    auto message = mail("Subject: hi\r\n\r\nbody\r\n");
    message.prefix = "Delivered-To: ann@here.test\r\n";
    const auto placed = account.append(inbox, {message}).value().front();
    const auto view = account.view();
    EXPECT_EQ(view.read(placed.message).value(),
              "Delivered-To: ann@here.test\r\nSubject: hi\r\n\r\nbody\r\n");
    const auto kept = view.message(placed.message).value();
    EXPECT_EQ(kept.size(), view.read(placed.message).value().size());
    EXPECT_EQ(kept.homes, (std::vector{Home{inbox, placed.uid}}));
    const auto entry = view.entry(inbox, placed.uid).value().value();
    EXPECT_EQ(entry.size, kept.size());
    EXPECT_EQ(entry.received, message.received);
    EXPECT_EQ(entry.saved, clock.now());
}

TEST_F(StoreTest, UidsAndModseqsOnlyGrow) {
    EXPECT_EQ(append("one"), Uid(1));
    EXPECT_EQ(append("two"), Uid(2));
    const auto before = state();
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(append("three"), Uid(3));
    EXPECT_GT(state().highest_modseq, before.highest_modseq);
    EXPECT_EQ(state().uid_next, Uid(4));
}

TEST_F(StoreTest, SeveralMessagesAreAppendedAllOrNone) {
    ASSERT_TRUE(account.set_quota({.messages = 2}));
    EXPECT_EQ(account.append(inbox, {mail("1"), mail("2"), mail("3")}).error().kind, Error::Kind::over_quota);
    EXPECT_EQ(state().counts.messages, 0U);
    EXPECT_EQ(state().uid_next, Uid(1));
    const auto placed = account.append(inbox, {mail("1"), mail("2")}).value();
    EXPECT_EQ(placed[0].modseq, placed[1].modseq);
}

TEST_F(StoreTest, QuotaCountsBytesAndMessagesOnceHoweverManyMailboxesTheyAreIn) {
    ASSERT_TRUE(account.set_quota({.bytes = 10}));
    append("12345");
    ASSERT_TRUE(account.copy(inbox, UidSet::all(), id_of("Archive")));
    EXPECT_EQ(usage(), (Usage{5, 1}));
    EXPECT_EQ(account.append(inbox, {mail("123456")}).error().kind, Error::Kind::over_quota);
    append("54321");
    EXPECT_EQ(usage(), (Usage{10, 2}));
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(usage(), (Usage{5, 1}));
}

TEST_F(StoreTest, FlagsAreAddedRemovedAndReplaced) {
    const auto uid = append("m", {Flag::seen});
    const auto flags = [&](FlagChange::How how, Flags which) {
        return account.change_flags(inbox, {uid}, {.how = how, .flags = std::move(which)})
            .value()
            .entries.front()
            .flags;
    };
    using enum FlagChange::How;
    EXPECT_EQ(flags(add, Flags{Flag::flagged}.add("$Work")), (Flags{Flag::seen, Flag::flagged}.add("$Work")));
    EXPECT_EQ(flags(remove, Flags{Flag::seen}.add("$WORK")), (Flags{Flag::flagged}));
    EXPECT_EQ(flags(replace, {Flag::deleted}), (Flags{Flag::deleted}));
    EXPECT_EQ(state().counts, (Counts{.messages = 1, .unseen = 1, .deleted = 1, .bytes = 1}));
}

TEST_F(StoreTest, AChangeThatChangesNothingTakesNoModseq) {
    const auto uid = append("m", {Flag::seen});
    const auto before = state().highest_modseq;
    const auto changed = account.change_flags(inbox, {uid}, {.flags = {Flag::seen}}).value();
    EXPECT_EQ(changed.modseq, ModSeq());
    EXPECT_EQ(changed.entries.size(), 1U);
    EXPECT_EQ(state().highest_modseq, before);
}

// RFC 7162 §3.1.3: what changed after UNCHANGEDSINCE is left alone and named in MODIFIED.
TEST_F(StoreTest, UnchangedSinceLeavesNewerChangesAlone) {
    append("one");
    append("two");
    const auto known = state().highest_modseq;
    ASSERT_TRUE(account.change_flags(inbox, uids({2}), {.flags = {Flag::answered}}));
    const auto changed =
        account.change_flags(inbox, uids({1, 2, 7}), {.flags = {Flag::seen}, .unchanged_since = known})
            .value();
    EXPECT_EQ(changed.refused, uids({2}));
    ASSERT_EQ(changed.entries.size(), 1U);
    EXPECT_EQ(changed.entries[0].uid, Uid(1));
    ASSERT_EQ(changed.before.size(), 1U);
    EXPECT_LE(changed.before[0], known);
    EXPECT_GT(changed.entries[0].modseq, known);
}

TEST_F(StoreTest, KeywordsMustBeKeywords) {
    const auto uid = append("m");
    for (const auto* keyword : {"", "a b", "a(", "\\Seen", "ä"})
        EXPECT_EQ(account.change_flags(inbox, {uid}, {.flags = Flags().add(keyword)}).error().kind,
                  Error::Kind::invalid)
            << keyword;
}

TEST_F(StoreTest, ExpungeTakesOnlyWhatIsMarkedAndAskedFor) {
    append("one", {Flag::deleted});
    append("two");
    append("three", {Flag::deleted});
    EXPECT_EQ(account.expunge(inbox, uids({1, 2}), Which::marked_deleted).value().uids, uids({1}));
    EXPECT_EQ(present(), uids({2, 3}));
    EXPECT_EQ(account.expunge(inbox, uids({1}), Which::all).value().modseq, ModSeq());
}

TEST_F(StoreTest, CopyingAddsAPlaceAndMovingChangesIt) {
    const auto uid = append("m", Flags{Flag::flagged}.add("$x"));
    const auto original = account.view().entry(inbox, uid).value().value();
    clock.advance(std::chrono::hours(1));
    const auto archive = id_of("Archive");
    const auto copied = account.copy(inbox, {uid}, archive).value();
    EXPECT_EQ(copied.uid_validity, state(archive).uid_validity);
    EXPECT_THAT(copied.to, ElementsAre(Uid(1)));
    const auto copy = account.view().entry(archive, Uid(1)).value().value();
    EXPECT_EQ(copy.message, original.message);
    EXPECT_EQ(copy.flags, original.flags);
    EXPECT_EQ(copy.received, original.received);
    EXPECT_GT(copy.saved, original.saved);

    const auto trash = id_of("Trash");
    ASSERT_TRUE(account.move(inbox, {uid}, trash));
    EXPECT_EQ(present(inbox), UidSet());
    EXPECT_EQ(account.view().message(original.message).value().homes,
              (std::vector{Home{trash, Uid(1)}, Home{archive, Uid(1)}}));
    ASSERT_TRUE(account.expunge(trash, UidSet::all(), Which::all));
    EXPECT_TRUE(account.view().read(original.message));
    ASSERT_TRUE(account.expunge(archive, UidSet::all(), Which::all));
    EXPECT_EQ(account.view().read(original.message).error().kind, Error::Kind::not_found);
    EXPECT_EQ(engine->statistics().blobs, 0U);
}

// A message has so many places; further copies are messages that share its bytes and remember what they were.
TEST_F(StoreTest, AMessageIsCopiedAsOftenAsOneLikes) {
    for (const auto* text : {"one", "two", "three"}) append(text);
    constexpr int times = 12;
    for (int i = 0; i < times; ++i) ASSERT_TRUE(account.copy(inbox, UidSet::all(), inbox)) << i;
    const auto all = account.view().entries(inbox).value();
    EXPECT_EQ(all.size(), 3U << times);
    std::map<MessageId, std::size_t> places;
    std::set<MessageId> origins;
    for (const auto& entry : all) {
        ++places[entry.message];
        origins.insert(account.view().origin(entry).value().message);
    }
    EXPECT_EQ(origins.size(), 3U);
    EXPECT_EQ(std::ranges::max(places | std::views::values), max_homes);
    EXPECT_EQ(account.view().state().value().usage.messages, places.size());
    EXPECT_EQ(engine->statistics().blobs, 3U);
    EXPECT_TRUE(check(store).value().findings.empty());
    EXPECT_EQ(account.view().read(all.back().message).value(), account.view().read(all[2].message).value());

    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(account.view().state().value().usage.messages, 0U);
    EXPECT_EQ(engine->statistics().blobs, 0U);
}

TEST_F(StoreTest, CopiesBeyondThePlacesOfAMessageCount) {
    const auto uid = append("m");
    for (std::size_t i = 1; i < max_homes; ++i) ASSERT_TRUE(account.copy(inbox, {uid}, id_of("Archive")));
    ASSERT_TRUE(account.set_quota({.bytes = 0, .messages = 1}));
    EXPECT_EQ(account.copy(inbox, {uid}, inbox).error().kind, Error::Kind::over_quota);
}

// Accounts of older versions have messages of more places than are given now.
TEST_F(StoreTest, MessagesOfManyPlacesAreTakenOutInSmallerPortions) {
    for (int i = 0; i < 40; ++i) append("m");
    for (const auto& entry : account.view().entries(inbox).value()) {
        HomesRecord homes{{{inbox, entry.uid}}, {}};
        for (std::uint32_t i = 0; i < 5'000; ++i)
            homes.homes.push_back({MailboxId(900'000), Uid(i + 10'000'000)});
        const auto put = [&](engine::Transaction& transaction) -> Result<void> {
            transaction.put(keys::homes(entry.message), encode(homes));
            return {};
        };
        ASSERT_TRUE(engine->transact(engine::Scope::account(ann), put));
    }
    EXPECT_EQ(account.expunge(inbox, UidSet::all(), Which::all).value().uids.size(), 40U);
    EXPECT_EQ(present(), UidSet());
}

TEST_F(StoreTest, CopyingIntoTheSameMailboxEnds) {
    append("m");
    EXPECT_THAT(account.copy(inbox, UidSet::all(), inbox).value().to, ElementsAre(Uid(2)));
    EXPECT_THAT(account.move(inbox, uids({1}), inbox).value().to, ElementsAre(Uid(3)));
    EXPECT_EQ(present(), uids({2, 3}));
}

TEST_F(StoreTest, WorkOnManyMessagesIsCutIntoTransactions) {
    for (int i = 0; i < 6; ++i) {
        std::vector<NewMessage> some;
        for (int j = 0; j < 500; ++j) some.push_back(mail("m"));
        ASSERT_TRUE(account.append(inbox, some));
    }
    const auto keywords = Flags().add(std::string(200, 'k')).add(std::string(200, 'l'));
    EXPECT_EQ(account.change_flags(inbox, UidSet::all(), {.flags = keywords}).value().entries.size(), 3000U);
    const auto archive = id_of("Archive");
    EXPECT_EQ(account.copy(inbox, UidSet::all(), archive).value().to.size(), 3000U);
    EXPECT_EQ(account.move(inbox, UidSet::all(), id_of("Trash")).value().to.size(), 3000U);
    EXPECT_EQ(account.expunge(id_of("Trash"), UidSet::all(), Which::all).value().uids.size(), 3000U);
    EXPECT_EQ(state(archive).counts.messages, 3000U);
    EXPECT_EQ(usage().messages, 3000U);
    EXPECT_EQ(engine->statistics().blobs, 1U);
}

// Who reads the mailbox up to `before` has nothing left to read where the run is unbroken.
TEST_F(StoreTest, ARunOfChangesTellsWhetherOthersChangedTheMailboxBetween) {
    const auto first = append("1"), second = append("2");
    const auto before = state(inbox).highest_modseq;
    auto run = account.change_flags(inbox, {first}, {.flags = {Flag::seen}}).value().run;
    EXPECT_EQ(run.before, before);
    EXPECT_EQ(run.after, state(inbox).highest_modseq);
    run.add(account.change_flags(inbox, {first}, {.flags = {Flag::seen}}).value().run);
    run.add(account.change_flags(inbox, {second}, {.flags = {Flag::seen}}).value().run);
    EXPECT_EQ(run.before, before);
    EXPECT_EQ(run.after, state(inbox).highest_modseq);
    EXPECT_TRUE(run.unbroken);
    append("of another");
    run.add(account.change_flags(inbox, {second}, {.flags = {Flag::answered}}).value().run);
    EXPECT_FALSE(run.unbroken);
    EXPECT_EQ(run.after, state(inbox).highest_modseq);
}

// Others may come between the transactions that a change of many messages takes.
TEST_F(StoreTest, WhatOthersChangeBetweenTwoPortionsIsNotUndone) {
    const auto first = append("one");
    const auto box = id_of("Archive");
    constexpr std::uint32_t messages = 2'050;  // more than go into a portion
    for (std::uint32_t i = 0; i < messages; ++i) ASSERT_TRUE(account.copy(inbox, {first}, box));
    bool is_changed = false;
    const auto others = store.on_change([&](AccountId, ModSeq) {
        if (std::exchange(is_changed, true)) return;
        const auto changed = std::make_shared<FlagsChanged>();
        auto part = account.change_flags_part(box, uids({messages - 1}), {.flags = {Flag::flagged}}, changed);
        EXPECT_TRUE(engine->transact({*std::move(part)}, engine::Together::all_or_none).front());
    });
    const auto changed = account.change_flags(box, UidSet::all(), {.flags = {Flag::seen}}).value();
    EXPECT_EQ(changed.entries.size(), messages);
    EXPECT_FALSE(changed.run.unbroken);
    for (const auto& entry : account.view().entries(box).value()) {
        EXPECT_TRUE(entry.flags.contains(Flag::seen));
        EXPECT_EQ(entry.flags.contains(Flag::flagged), entry.uid == Uid(messages - 1));
    }
}

TEST_F(StoreTest, WhatIsKnownOfAMessageHoldsAsLongAsItsMailboxStands) {
    const auto uid = append("one");
    const auto change = [&](const Flags& flags, const AsRead& known) {
        const auto changed = std::make_shared<FlagsChanged>();
        auto part = change_flags_part(ann, inbox, {uid}, {.flags = flags}, known, changed);
        EXPECT_TRUE(engine->transact({*std::move(part)}, engine::Together::all_or_none).front());
        return changed->entries.at(0).flags;
    };
    const AsRead known{account.view().entries(inbox).value(), state(inbox).highest_modseq};
    EXPECT_EQ(change({Flag::seen}, known), Flags({Flag::seen}));
    EXPECT_EQ(change({Flag::flagged}, known), Flags({Flag::seen, Flag::flagged}));
    EXPECT_EQ(change({Flag::answered}, {}), Flags({Flag::seen, Flag::flagged, Flag::answered}));
}

TEST_F(StoreTest, RecentMessagesAreShownToOneSession) {
    append("one");
    append("two");
    EXPECT_EQ(account.claim_recent(inbox), Uid(1));
    EXPECT_EQ(account.claim_recent(inbox), Uid(3));
    append("three");
    EXPECT_EQ(state(inbox).first_recent, Uid(3));
    EXPECT_EQ(account.claim_recent(inbox), Uid(3));
}

TEST_F(StoreTest, WhatHasBeenShownIsRecentToNobodyAfterARestart) {
    append("one");
    EXPECT_EQ(account.claim_recent(inbox), Uid(1));
    append("two");  // the claim is written with it at the latest
    Store again(*engine, clock);
    EXPECT_EQ(again.account(ann).claim_recent(inbox), Uid(2));
    EXPECT_EQ(again.account(ann).claim_recent(inbox), Uid(3));
}

TEST_F(StoreTest, MessagesAreWalkedWithTheirSummariesInTheOrderOfUids) {
    for (int i = 0; i < 30; ++i) append(fmt::format("m{}", i), {}, i % 3 == 0 ? inbox : id_of("Archive"));
    ASSERT_TRUE(account.copy(id_of("Archive"), uids({5, 1, 17}), inbox));
    std::vector<std::string> seen;
    ASSERT_TRUE(
        account.view().each_message(inbox, UidSet::all(), [&](const Entry&, const MessageView& message) {
            seen.emplace_back(account.view().read(message).value());
            return Result<void>();
        }));
    ASSERT_EQ(seen.size(), 13U);
    EXPECT_EQ(seen[1], "m3");
    EXPECT_EQ(seen[10], "m1");
    EXPECT_EQ(seen[12], "m25");
}

TEST_F(StoreTest, ASummaryLargerThanOneValueIsKeptInPieces) {
    for (const std::size_t size : {59'000UL, 60'000UL, 61'000UL, 99'000UL}) {
        auto message = mail("m");
        message.content = std::make_shared<const Content>(message.content->blob, std::string(size, 's'));
        const auto placed = account.append(inbox, {message}).value().front();
        append("next");
        EXPECT_EQ(account.view().message(placed.message).value().summary.size(), size);
        std::vector<std::size_t> sizes;
        ASSERT_TRUE(
            account.view().each_message(inbox, UidSet::all(), [&](const Entry&, const MessageView& view) {
                sizes.push_back(view.summary.size());
                return Result<void>();
            }));
        EXPECT_THAT(sizes, ElementsAre(size, testing::Lt(500U)));
        ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    }
    auto message = mail("m");
    message.content = std::make_shared<const Content>(message.content->blob, std::string(200'000, 's'));
    EXPECT_EQ(account.append(inbox, {message}).error().kind, Error::Kind::too_large);
}

}  // namespace
}  // namespace hongyan::store
