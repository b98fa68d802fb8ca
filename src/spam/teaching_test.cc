// What people do with their mail, and what is known then. The account, its mail and the engine are real, in
// memory.
#include "spam/teaching.h"

#include <gtest/gtest.h>

#include "classify/features.h"
#include "engine/memory_engine.h"

namespace hongyan::spam {
namespace {

using classify::Label;
using store::AccountId;

constexpr AccountId ann{1};
constexpr AccountId ben{2};

std::string mail(std::string_view words) {
    return fmt::format(
        "From: Someone <someone@example.org>\r\nTo: ann@example.net\r\nSubject: {0}\r\n\r\n{0}\r\n", words);
}

class Teaching : public testing::Test {
protected:
    Teaching() {
        EXPECT_TRUE(store.create_account(ann));
        EXPECT_TRUE(store.create_account(ben));
    }

    store::Uid deliver(std::string_view words, store::MailboxId mailbox = store::inbox, AccountId to = ann) {
        return append(words, mailbox, to, "Return-Path: <someone@example.org>\r\n");
    }
    // Without a prefix, as a program of the account's does it.
    store::Uid append(std::string_view words, store::MailboxId mailbox, AccountId to = ann,
                      std::string_view prefix = {}) {
        store::NewMessage message;
        message.content = store::prepare(mail(words));
        message.prefix = prefix;
        message.received = clock.now();
        return store.account(to).append(mailbox, {message}).value().front().uid;
    }
    store::MailboxId id_of(std::string_view name, AccountId account = ann) {
        return store.account(account).view().find(store::MailboxName::parse(name).value()).value().id;
    }
    store::MailboxId junk() { return id_of("Junk"); }
    store::Uid move(store::MailboxId from, store::Uid uid, store::MailboxId to, AccountId account = ann) {
        return store.account(account).move(from, store::UidSet{uid}, to).value().to.front();
    }
    void mark(store::Uid uid, std::string_view keyword, store::MailboxId mailbox = store::inbox) {
        ASSERT_TRUE(store.account(ann).change_flags(mailbox, store::UidSet{uid},
                                                    {.flags = store::Flags().add(keyword)}));
    }
    void teach(AccountId account = ann, const TeachingRules& rules = {}) {
        for (bool more = true; more;) {
            const auto done = teach_portion(store, models, account, rules);
            ASSERT_TRUE(done) << done.error().message;
            more = *done;
        }
    }
    // Counts of what the account's model learned: {junk, good}.
    using Counts = std::pair<std::uint64_t, std::uint64_t>;
    Counts learned(std::optional<AccountId> account = ann) {
        const auto known = models.known(account).value();
        const auto& model = account ? known.account : known.shared;
        return model ? Counts{model->junk(), model->good()} : Counts{};
    }

    ManualClock clock;
    std::unique_ptr<engine::Engine> engine = engine::make_memory_engine();
    store::Store store{*engine, clock};
    Models models{*engine};
};

TEST_F(Teaching, ComesFromMovingIntoJunkAndOutOfIt) {
    const auto uid = deliver("cheap pills");
    teach();
    EXPECT_EQ(learned(), Counts(0, 0)) << "what nobody has said anything of teaches nothing";
    const auto in_junk = move(store::inbox, uid, junk());
    teach();
    EXPECT_EQ(learned(), Counts(1, 0));
    EXPECT_EQ(learned(std::nullopt), Counts(1, 0)) << "all learn from it";
    EXPECT_EQ(learned(ben), Counts(0, 0));
    move(junk(), in_junk, store::inbox);
    teach();
    EXPECT_EQ(learned(), Counts(0, 1)) << "what was learned is taken back, and the other learned";
}

TEST_F(Teaching, ComesFromWhatIsPutIntoAMailboxByItsOwner) {
    append("cheap pills", junk());
    append("minutes of the meeting", id_of("Archive"));
    append("news for nobody", store::inbox);
    append("what I wrote", id_of("Sent"));
    teach();
    EXPECT_EQ(learned(), Counts(1, 1));
    const auto uid = deliver("cheap watches");
    ASSERT_TRUE(store.account(ann).copy(store::inbox, store::UidSet{uid}, junk()));
    teach();
    EXPECT_EQ(learned(), Counts(2, 1)) << "a copy too";
}

TEST_F(Teaching, OfOneAccountToAllIsBoundedInADay) {
    const TeachingRules rules{.lessons_of_a_day = 3};
    std::vector<store::Uid> in_junk;
    for (int i = 0; i < 5; ++i) in_junk.push_back(append(fmt::format("cheap pills {}", i), junk()));
    teach(ann, rules);
    EXPECT_EQ(learned(), Counts(5, 0)) << "its own model learns all";
    EXPECT_EQ(learned(std::nullopt), Counts(3, 0));
    append("more pills", junk(), ben);
    teach(ben, rules);
    EXPECT_EQ(learned(std::nullopt), Counts(4, 0)) << "others are counted by themselves";
    move(junk(), in_junk.back(), store::inbox);
    teach(ann, rules);
    EXPECT_EQ(learned(), Counts(4, 1));
    EXPECT_EQ(learned(std::nullopt), Counts(4, 0)) << "what it was not taught is not taken back";
    clock.advance(std::chrono::hours(24));
    append("pills again", junk());
    teach(ann, rules);
    EXPECT_EQ(learned(std::nullopt), Counts(5, 0)) << "the next day";
}

TEST_F(Teaching, IsNotRepeated) {
    move(store::inbox, deliver("cheap pills"), junk());
    teach();
    deliver("something else");
    teach();
    Models others(*engine);  // as after a start
    EXPECT_FALSE(*teach_portion(store, others, ann, {}));
    EXPECT_EQ(others.known(ann)->account->junk(), 1U);
    EXPECT_EQ(*others.known(ann)->account, *models.known(ann)->account);
}

TEST_F(Teaching, ComesFromKeywords) {
    mark(deliver("cheap pills"), "$Junk");
    teach();
    EXPECT_EQ(learned(), Counts(1, 0));
    mark(deliver("minutes of the meeting"), "$NotJunk");
    mark(deliver("minutes of another"), "NonJunk");
    teach();
    EXPECT_EQ(learned(), Counts(1, 2));
}

TEST_F(Teaching, DoesNotComeFromWhatWasPutIntoJunkOnArrival) {
    const auto uid = deliver("cheap pills", junk());
    mark(uid, "$Seen", junk());
    teach();
    EXPECT_EQ(learned(), Counts(0, 0));
    move(junk(), uid, store::inbox);
    teach();
    EXPECT_EQ(learned(), Counts(0, 1));
}

TEST_F(Teaching, ComesFromFilingAndAnsweringButNotFromTrash) {
    move(store::inbox, deliver("old news"), id_of("Trash"));
    teach();
    EXPECT_EQ(learned(), Counts(0, 0));
    move(store::inbox, deliver("minutes of the meeting"), id_of("Archive"));
    const auto uid = deliver("a question");
    ASSERT_TRUE(store.account(ann).change_flags(store::inbox, store::UidSet{uid},
                                                {.flags = store::Flags{store::Flag::answered}}));
    teach();
    EXPECT_EQ(learned(), Counts(0, 2));
}

TEST_F(Teaching, OfManyMessagesIsDoneInParts) {
    for (int i = 0; i < 40; ++i) move(store::inbox, deliver(fmt::format("offer {}", i)), junk());
    teach();
    EXPECT_EQ(learned(), Counts(40, 0));
    EXPECT_TRUE(teach_portion(store, models, ann, {}, [] { return true; }) == Result<bool>(false));
    move(store::inbox, deliver("one more"), junk());
    const auto stopped = teach_portion(store, models, ann, {}, [] { return true; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, Error::Kind::unavailable);
    teach();
    EXPECT_EQ(learned(), Counts(41, 0));
}

TEST_F(Teaching, OfAnAccountThatIsGoneIsRefused) {
    const auto seen = classify::look_at(mail("x"), std::nullopt);
    const auto taught = models.teach({.account = AccountId(9)}, [&](Pupil& pupil) -> Result<void> {
        pupil.learn(seen.features, Label::junk);
        return {};
    });
    ASSERT_FALSE(taught);
    EXPECT_EQ(taught.error().kind, Error::Kind::not_found);
    EXPECT_EQ(learned(std::nullopt), Counts(0, 0)) << "all or none";
}

TEST_F(Teaching, OfTwoOverOneEngineIsSeenByBoth) {
    Models others(*engine, {.shared_lessons = 3, .account_lessons = 3, .accounts_in_memory = 2});
    for (int i = 0; i < 12; ++i)
        for (auto* const each : {&models, &others})
            ASSERT_TRUE(each->teach({.account = ann}, [&](Pupil& pupil) -> Result<void> {
                const auto seen = classify::look_at(mail(fmt::format("offer {}", i)), std::nullopt);
                pupil.learn(seen.features, Label::junk);
                return {};
            }));
    EXPECT_EQ(learned(), Counts(24, 0));
    EXPECT_EQ(*others.known(ann)->account, *models.known(ann)->account);
    EXPECT_EQ(*others.known(ann)->shared, *models.known(ann)->shared);
    EXPECT_EQ(*Models(*engine).known(ann)->shared, *models.known(ann)->shared);
}

TEST_F(Teaching, LastsAndIsWrittenIntoTheModelFromTimeToTime) {
    Models brief(*engine, {.shared_lessons = 4, .account_lessons = 3, .accounts_in_memory = 1});
    for (int i = 0; i < 23; ++i)
        for (const auto account : {ann, ben})
            ASSERT_TRUE(brief.teach({.account = account}, [&](Pupil& pupil) -> Result<void> {
                const auto seen = classify::look_at(mail(fmt::format("offer {}", i)), std::nullopt);
                pupil.learn(seen.features, i % 2 == 0 ? Label::junk : Label::good);
                return {};
            }));
    Models others(*engine);
    for (const auto account : {ann, ben}) {
        EXPECT_EQ(*others.known(account)->shared, *brief.known(account)->shared);
        EXPECT_EQ(*others.known(account)->account, *brief.known(account)->account);
    }
    EXPECT_EQ(others.known(ann)->shared->junk(), 24U);
    const auto keys = [&](std::string_view prefix) {
        int count = 0;
        const auto snapshot = engine->snapshot(engine::Scope::global());
        for (const auto cursor = snapshot->scan(engine::Range::starting_with(prefix)); cursor->valid();
             cursor->next())
            ++count;
        return count;
    };
    EXPECT_LE(keys("classify/l"), 5) << "lessons do not pile up";
    EXPECT_LE(keys("classify/p"), 2) << "nor do old pieces";
    ASSERT_TRUE(brief.forget(std::nullopt));
    EXPECT_EQ(Models(*engine).known(ann)->shared->junk(), 0U);
    EXPECT_EQ(Models(*engine).known(ann)->account->junk(), 12U);
}

}  // namespace
}  // namespace hongyan::spam
