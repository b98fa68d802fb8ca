#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/check.h"
#include "store/store_fixture.h"
#include "store/url_keys.h"

namespace hongyan::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr AccountId bob = ben;
constexpr AccountId carol{3};
constexpr Rights reading{Right::lookup, Right::read};

class SharingTest : public StoreTest {
protected:
    SharingTest() {
        for (const auto id : {bob, carol}) EXPECT_TRUE(store.create_account(id));
    }

    MailboxId mailbox(std::string_view text) { return account.create(name(text)).value().id; }
    void grant(MailboxId mailbox, AccountId grantee, Rights rights) {
        ASSERT_TRUE(account.change_rights(mailbox, grantee, {RightsChange::How::replace, rights}));
    }
    Rights rights(MailboxId mailbox, AccountId user) { return account.view().rights(mailbox, user).value(); }
};

TEST_F(SharingTest, RightsAreThoseOfTheAccountAndOfEverybodyTogether) {
    const auto team = mailbox("Team");
    EXPECT_EQ(rights(team, ann), Rights::all());
    EXPECT_EQ(rights(team, bob), Rights());
    grant(team, bob, reading);
    grant(team, anyone, {Right::insert});
    EXPECT_EQ(rights(team, bob), reading.with({Right::insert}));
    EXPECT_EQ(rights(team, carol), Rights{Right::insert});
    ASSERT_TRUE(account.change_rights(team, bob, {RightsChange::How::add, {Right::seen}}));
    ASSERT_TRUE(account.change_rights(team, bob, {RightsChange::How::remove, {Right::lookup}}));
    EXPECT_THAT(account.view().grants(team).value(),
                ElementsAre(Grant{anyone, {Right::insert}}, Grant{bob, {Right::read, Right::seen}}));
}

TEST_F(SharingTest, WhoSharesSomethingIsFoundUntilTheLastGrantIsGone) {
    EXPECT_THAT(store.sharers(bob).value(), IsEmpty());
    const auto one = mailbox("One");
    const auto two = mailbox("Two");
    grant(one, bob, reading);
    grant(two, bob, reading);
    grant(one, bob, {});
    EXPECT_THAT(store.sharers(bob).value(), ElementsAre(ann));
    EXPECT_THAT(store.sharers(carol).value(), IsEmpty());
    grant(two, bob, {});
    EXPECT_THAT(store.sharers(bob).value(), IsEmpty());
    grant(two, anyone, reading);
    EXPECT_THAT(store.sharers(carol).value(), ElementsAre(ann));
    EXPECT_THAT(store.sharers(ann).value(), IsEmpty());
    ASSERT_TRUE(store.remove_account(ann));
    EXPECT_THAT(store.sharers(carol).value(), IsEmpty());
}

// RFC 4314 §4
TEST_F(SharingTest, AMailboxInheritsTheListAboveItAndTakesItAlongWhenItGoes) {
    const auto team = mailbox("Team");
    grant(team, bob, reading);
    const auto below = mailbox("Team/2024");
    EXPECT_EQ(rights(below, bob), reading);
    ASSERT_TRUE(account.rename(below, name("Old")));
    EXPECT_EQ(rights(below, bob), reading);
    ASSERT_TRUE(account.remove(below));
    EXPECT_EQ(rights(below, bob), Rights());
    EXPECT_EQ(rights(mailbox("Old"), bob), Rights());
}

TEST_F(SharingTest, MessagesAreTakenFromAnotherAccountWithTheFlagsThatArePermitted) {
    append("Subject: one\r\n\r\n1\r\n", {Flag::seen, Flag::deleted});
    append("Subject: two\r\n\r\n2\r\n");
    const auto from = account.view();
    ASSERT_TRUE(account.expunge(inbox, uids({2}), Which::all));
    const auto without_deleted = [](const Flags& flags) {
        auto fewer = flags;
        return fewer.remove(Flag::deleted);
    };
    const auto taken = store.account(bob).take(from, inbox, UidSet::all(), inbox, without_deleted);
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_THAT(taken->from, ElementsAre(Uid(1)));
    EXPECT_THAT(taken->to, ElementsAre(Uid(1)));
    const auto entries = store.account(bob).view().entries(inbox).value();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].flags, Flags{Flag::seen});
    ASSERT_TRUE(account.expunge(inbox, UidSet::all(), Which::all));
    EXPECT_EQ(store.account(bob).view().read(entries[0].message).value(), "Subject: one\r\n\r\n1\r\n");
    EXPECT_EQ(store.account(bob).view().state().value().usage.messages, 1U);
}

// RFC 8474 §5.1
TEST_F(SharingTest, WhatIsTakenRemembersWhichMessageItWas) {
    append("Subject: one\r\n\r\n1\r\n");
    const auto first = account.view().entries(inbox).value().front().message;
    const auto same = [](const Flags& flags) { return flags; };
    const auto with_bob = store.account(bob);
    const auto with_carol = store.account(carol);
    ASSERT_TRUE(with_bob.append(inbox, {mail("Subject: own\r\n\r\n2\r\n")}));
    ASSERT_TRUE(with_bob.take(account.view(), inbox, UidSet::all(), inbox, same));
    ASSERT_TRUE(with_carol.take(with_bob.view(), inbox, uids({2}), inbox, same));
    ASSERT_TRUE(with_carol.change_flags(inbox, UidSet::all(), {.flags = Flags{Flag::flagged}}));
    const Origin origin{ann, first};
    const auto origins = [](const Account& of) {
        std::vector<Origin> all;
        const auto mail = of.view();
        // The second time from memory.
        for (int i = 0; i < 2; ++i)
            for (const auto& entry : mail.entries(inbox).value()) all.push_back(mail.origin(entry).value());
        return all;
    };
    const auto own = with_bob.view().entries(inbox).value().front().message;
    EXPECT_THAT(origins(account), ElementsAre(origin, origin));
    EXPECT_THAT(origins(with_bob), ElementsAre(Origin{bob, own}, origin, Origin{bob, own}, origin));
    EXPECT_THAT(origins(with_carol), ElementsAre(origin, origin));
    EXPECT_TRUE(check(store).value().findings.empty());
}

TEST_F(SharingTest, NothingIsTakenWhereNotAllCanBe) {
    append("Subject: one\r\n\r\n1\r\n");
    append("Subject: two\r\n\r\n2\r\n");
    ASSERT_TRUE(store.account(bob).set_quota({.bytes = 0, .messages = 1}));
    const auto same = [](const Flags& flags) { return flags; };
    const auto taken = store.account(bob).take(account.view(), inbox, UidSet::all(), inbox, same);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, Error::Kind::over_quota);
    EXPECT_EQ(store.account(bob).view().state().value().usage.messages, 0U);
}

// RFC 4467 §2.2: keys of mailboxes lie beside annotations, and neither is taken for the other.
TEST_F(SharingTest, UrlKeysAndNotesLeaveEachOtherAlone) {
    const auto team = mailbox("Team");
    const std::vector<Note> notes{{shared_notes, "/comment", "for all"}};
    ASSERT_TRUE(account.annotate(inbox, notes));
    ASSERT_TRUE(account.annotate(team, notes));
    const auto key = need_url_key(store, ann, inbox, std::string(32, 'k')).value();
    EXPECT_EQ(account.view().annotations(inbox, shared_notes).value().size(), 1U);
    ASSERT_TRUE(account.rename(inbox, name("Old")));
    EXPECT_EQ(account.view().annotations(id_of("Old"), shared_notes).value().size(), 1U);
    EXPECT_FALSE(find_url_key(store, ann, id_of("Old")).value());
    EXPECT_EQ(find_url_key(store, ann, inbox).value(), key);
    ASSERT_TRUE(remove_url_keys(store, ann));
    EXPECT_FALSE(find_url_key(store, ann, inbox).value());
    EXPECT_EQ(account.view().annotations(team, shared_notes).value().size(), 1U);
    EXPECT_EQ(account.view().annotations(inbox, shared_notes).value().size(), 1U);
}

// RFC 5464 §3.3, §4.1
TEST_F(SharingTest, NotesBelongToOneOrToAllAndGoWithTheMailbox) {
    const auto team = mailbox("Team");
    const std::vector<Note> notes{{shared_notes, "/comment", "for all"}, {bob, "/comment", "for bob"}};
    const auto modseq = account.annotate(team, notes);
    ASSERT_TRUE(modseq);
    EXPECT_THAT(account.view().annotations(team, bob).value(),
                ElementsAre(Annotation{bob, "/comment", "for bob", *modseq}));
    EXPECT_THAT(account.view().annotations(team, carol).value(), IsEmpty());
    const std::vector<Note> removal{{bob, "/comment", {}}, {bob, "/never", {}}};
    const auto removed = account.annotate(team, removal);
    ASSERT_TRUE(removed);
    EXPECT_GT(*removed, *modseq);
    EXPECT_THAT(account.view().annotations(team, bob).value(),
                ElementsAre(Annotation{bob, "/comment", {}, *removed}));
    EXPECT_THAT(account.view().annotations(team, shared_notes).value(),
                ElementsAre(Annotation{shared_notes, "/comment", "for all", *modseq}));
    ASSERT_TRUE(account.remove(team));
    EXPECT_THAT(account.view().annotations(team, shared_notes).value(), IsEmpty());
}

TEST_F(SharingTest, TooManyNotesAreRefusedAllTogether) {
    std::vector<Note> notes;
    for (std::size_t i = 0; i < max_annotations; ++i)
        notes.push_back({shared_notes, fmt::format("/{}", i), "x"});
    ASSERT_TRUE(account.annotate(inbox, notes));
    const std::vector<Note> two{{shared_notes, "/0", "changed"}, {shared_notes, "/more", "x"}};
    EXPECT_EQ(account.annotate(inbox, two).error().kind, Error::Kind::over_quota);
    EXPECT_EQ(account.view().annotations(inbox, shared_notes).value().front().value, "x");
    // What is gone makes room.
    const std::vector<Note> removal{{shared_notes, "/0", {}}};
    ASSERT_TRUE(account.annotate(inbox, removal));
    const std::vector<Note> one{{shared_notes, "/more", "x"}};
    ASSERT_TRUE(account.annotate(inbox, one));
    EXPECT_EQ(account.view().annotations(inbox, shared_notes).value().size(), max_annotations);
    const std::vector<Note> large{{bob, "/large", std::string(max_annotation_size + 1, 'x')}};
    EXPECT_EQ(account.annotate(inbox, large).error().kind, Error::Kind::too_large);
}

// RFC 4314 §4, STORE
TEST(FlagChange, AReplacementLeavesAloneWhatItMayNotTouch) {
    Flags before{Flag::seen, Flag::flagged};
    before.add("$old");
    FlagChange change{.how = FlagChange::How::replace, .flags = {Flag::deleted}};
    change.untouchable = {.seen = true, .deleted = false, .others = false};
    EXPECT_EQ(change.applied_to(before), (Flags{Flag::seen, Flag::deleted}));
    change.untouchable = {.seen = false, .deleted = true, .others = true};
    Flags others{Flag::flagged};
    others.add("$old");
    EXPECT_EQ(change.applied_to(before), others);
}

}  // namespace
}  // namespace hongyan::store
