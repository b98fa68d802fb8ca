#include "store/roll.h"

#include <random>

#include "store/store_fixture.h"

namespace hongyan::store {
namespace {

// What is in memory against what is on the disk.
class RollTest : public StoreTest {
protected:
    std::vector<Entry> on_disk(const UidSet& wanted = UidSet::all()) {
        return View(*engine, ann).entries(inbox, wanted).value();
    }
    std::vector<Entry> in_memory(const UidSet& wanted = UidSet::all()) {
        return account.view().entries(inbox, wanted).value();
    }
    void expect_same_outline() {
        const auto kept = account.view().outline(inbox).value();
        const auto read = View(*engine, ann).outline(inbox).value();
        EXPECT_EQ(kept.uids, read.uids);
        EXPECT_EQ(kept.before_first_unseen, read.before_first_unseen);
        EXPECT_THAT(kept.keywords, testing::UnorderedElementsAreArray(read.keywords));
    }
    void append_many(int count) {
        std::vector<NewMessage> messages;
        for (int i = 0; i < count; ++i) messages.push_back(mail("Subject: a\r\n\r\nb\r\n"));
        ASSERT_TRUE(account.append(inbox, std::move(messages)));
    }
};

TEST_F(RollTest, SaysWhatTheDiskSaysAfterEachOfManyChanges) {
    std::mt19937 dice(20261121);
    append_many(3'000);
    for (int round = 0; round < 300; ++round) {
        const auto next = state().uid_next.value();
        const auto first = Uid(1 + dice() % next);
        const auto some = UidSet::of({first, Uid(first.value() + dice() % (round % 4 == 0 ? 3'000 : 40))});
        FlagChange change;
        if (dice() % 2 == 0) change.flags.add(Flag::seen);
        if (dice() % 3 == 0) change.flags.add("$word" + std::to_string(dice() % 5));
        switch (dice() % 5) {
            case 0:
                if (some.size() <= 40) ASSERT_TRUE(account.expunge(inbox, some, Which::all));
                break;
            case 1:
                append({"Subject: new\r\n\r\na\0b", 19}, change.flags);
                break;
            case 2:
                append_many(static_cast<int>(dice() % 50));
                break;
            default:
                change.how = dice() % 2 == 0 ? FlagChange::How::add : FlagChange::How::replace;
                ASSERT_TRUE(account.change_flags(inbox, some, change));
        }
        if (dice() % 3 == 0) continue;
        ASSERT_EQ(in_memory(), on_disk());
        ASSERT_EQ(in_memory(some), on_disk(some));
        const auto one = UidSet::of({first, first});
        ASSERT_EQ(in_memory(one), on_disk(one));
        expect_same_outline();
    }
}

TEST_F(RollTest, AViewSeesItsOwnMomentWhateverTheRollKnows) {
    append_many(20);
    const auto before = account.view();
    const auto known = on_disk();
    ASSERT_TRUE(account.expunge(inbox, uids({3, 7}), Which::all));
    append_many(1);
    ASSERT_EQ(in_memory(), on_disk());
    EXPECT_EQ(before.entries(inbox).value(), known);
}

TEST_F(RollTest, AnEmptiedMailboxIsEmptyAndFillsAgain) {
    append_many(1'500);
    ASSERT_EQ(in_memory().size(), 1'500);
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_TRUE(in_memory().empty());
    expect_same_outline();
    append_many(3);
    EXPECT_EQ(in_memory(), on_disk());
}

TEST_F(RollTest, FlagsOfTooManyKindsAreReadFromTheDisk) {
    append_many(700);
    for (std::uint32_t uid = 1; uid <= 700; ++uid) {
        FlagChange change;
        change.flags.add("k" + std::to_string(uid));
        ASSERT_TRUE(account.change_flags(inbox, uids({uid}), change));
    }
    EXPECT_EQ(in_memory(), on_disk());
    expect_same_outline();
    EXPECT_TRUE(store.rolls().find(ann, inbox)->is_void());
}

TEST_F(RollTest, WhatAStoreHasChangedIsAtHandForTheNext) {
    append_many(100);
    in_memory();
    const auto changed = account.change_flags(inbox, UidSet::all(), {.flags = {Flag::flagged}}).value();
    const auto roll = store.rolls().find(ann, inbox);
    ASSERT_TRUE(roll);
    EXPECT_GT(changed.run.after, changed.run.before);
    EXPECT_EQ(roll->modseq(), changed.run.after);
    EXPECT_EQ(in_memory(), on_disk());
}

// Who asks for one message must not have to read the mailbox's state to know that it may be told from memory.
TEST_F(RollTest, IsAtHandForViewsThatSeeTheSame) {
    const auto is_at_hand = [this] {
        const auto version = account.view().version();
        return version && store.rolls().find(ann, inbox, *version) != nullptr;
    };
    append_many(100);
    EXPECT_FALSE(is_at_hand());
    in_memory();
    EXPECT_TRUE(is_at_hand());
    const auto before = account.view();
    append("Subject: another's\r\n\r\n", Flags());
    EXPECT_FALSE(is_at_hand());
    EXPECT_EQ(before.entries(inbox, uids({101})).value().size(), 0U);
    EXPECT_EQ(in_memory(uids({101})), on_disk(uids({101})));
    in_memory();
    EXPECT_TRUE(is_at_hand());
    EXPECT_TRUE(account.create(name("Elsewhere")));
    EXPECT_FALSE(is_at_hand());
    EXPECT_TRUE(account.view().highest_modseq(inbox));
    EXPECT_TRUE(is_at_hand());
    EXPECT_TRUE(store.create_account(AccountId(77)));
    EXPECT_TRUE(is_at_hand());
    EXPECT_TRUE(account.expunge(inbox, uids({5}), Which::all));
    EXPECT_EQ(in_memory(uids({5})).size(), 0U);
}

// Then it lacks what they did.
TEST_F(RollTest, WhereOthersCameBetweenARollIsLeftAsItWas) {
    append_many(100);
    in_memory();
    const auto before = store.rolls().find(ann, inbox)->modseq();
    append("Subject: another's\r\n\r\n", Flags());
    const auto changed = account.change_flags(inbox, UidSet::all(), {.flags = {Flag::flagged}}).value();
    EXPECT_GT(changed.run.before, before);
    EXPECT_EQ(store.rolls().find(ann, inbox)->modseq(), before);
    EXPECT_EQ(in_memory(), on_disk());
}

TEST_F(RollTest, WhatIsUsedLeastGoesWhereThereIsNoRoom) {
    Rolls rolls(Roll::memory_of(50));
    append_many(20);
    const auto roll = Roll::read(*engine->snapshot(engine::Scope::account(ann)), inbox, state()).value();
    rolls.keep(ann, MailboxId(1), roll);
    rolls.keep(ann, MailboxId(2), roll);
    EXPECT_TRUE(rolls.find(ann, MailboxId(1)));
    rolls.keep(ann, MailboxId(3), roll);
    EXPECT_FALSE(rolls.find(ann, MailboxId(2)));
    EXPECT_TRUE(rolls.find(ann, MailboxId(1)));
    EXPECT_TRUE(rolls.find(ann, MailboxId(3)));
    EXPECT_FALSE(rolls.has_room_for(51));
}

}  // namespace
}  // namespace hongyan::store
