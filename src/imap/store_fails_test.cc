// Commands of which a part has been done when the store fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/progress.h"
#include "support/imap_world.h"
#include "support/interrupted_engine.h"

namespace hongyan::imap {
namespace {

constexpr auto portion = static_cast<std::uint32_t>(changed_at_once);
constexpr std::uint32_t more_than_a_portion = portion + 2;

std::string_view last_line(std::string_view said) {
    const auto end = said.rfind("\r\n", said.size() - 3);
    return said.substr(end == said.npos ? 0 : end + 2);
}

class StoreFails : public testing::Test {
protected:
    StoreFails() {
        store::NewMessage message;
        message.content = store::prepare("Subject: x\r\n\r\nabc\r\n");
        constexpr std::uint32_t at_once = 1'000;
        for (auto left = more_than_a_portion; left > 0; left -= std::min(left, at_once)) {
            const std::vector<store::NewMessage> some(std::min(left, at_once), message);
            check(world.account().append(store::inbox, some).has_value(), "mail arrives");
        }
        client.after("a LOGIN ann secret\r\na SELECT INBOX\r\na SELECT INBOX\r\n");
        // Full as soon as the first portion has been written.
        engine->is_full = [this] { return is_flagged(store::Uid(portion)); };
    }

    bool is_flagged(store::Uid uid) {
        const auto entry = world.account().view().entry(store::inbox, uid);
        return entry.value()->flags.contains(store::Flag::flagged);
    }

    InterruptedEngine* engine = new InterruptedEngine;
    imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
};

// Who stores in silence takes NO for: nothing has changed. What has is told like any other news.
TEST_F(StoreFails, InSilenceTheClientHearsWhatHasChanged) {
    const auto said = client.after("b STORE 1:* +FLAGS.SILENT (\\Flagged)\r\n");
    EXPECT_TRUE(said.contains("\r\nb NO [UNAVAILABLE] ")) << last_line(said);
    EXPECT_TRUE(said.contains("* 1 FETCH (FLAGS (\\Flagged))\r\n")) << last_line(said);
    EXPECT_TRUE(said.contains("* 5000 FETCH (FLAGS (\\Flagged))\r\n")) << last_line(said);
    EXPECT_FALSE(said.contains("* 5001 FETCH "));
    EXPECT_FALSE(is_flagged(store::Uid(portion + 1)));
    engine->is_full = {};
    EXPECT_THAT(client.after("c NOOP\r\n"), "c OK Done\r\n");
}

// RFC 7162 §3.1.3: also of the portion that fails in the middle, as far as it came.
TEST_F(StoreFails, WhatTheFailedPortionHasRefusedIsTold) {
    const store::FlagChange seen{.flags = {store::Flag::seen}};
    ASSERT_TRUE(world.account().change_flags(store::inbox, {store::Uid(3)}, seen));
    engine->is_full = [this] { return is_flagged(store::Uid(1)); };
    const auto said = client.after("b UID STORE 1:* (UNCHANGEDSINCE 7) +FLAGS.SILENT (\\Flagged)\r\n");
    EXPECT_TRUE(said.contains("\r\nb NO [MODIFIED 3] ")) << last_line(said);
    EXPECT_FALSE(is_flagged(store::Uid(portion)));
}

// RFC 7162 §3.1.3
TEST_F(StoreFails, WhatOthersHaveChangedIsToldAllTheSame) {
    const store::FlagChange seen{.flags = {store::Flag::seen}};
    ASSERT_TRUE(world.account().change_flags(store::inbox, {store::Uid(3)}, seen));
    const auto said = client.after("b UID STORE 1:* (UNCHANGEDSINCE 7) +FLAGS.SILENT (\\Flagged)\r\n");
    EXPECT_TRUE(said.contains("\r\nb NO [MODIFIED 3] ")) << last_line(said);
    EXPECT_FALSE(is_flagged(store::Uid(3)));
}

// MOVE and COPY out of a mailbox of bob's. So many writes succeed, then the disk is full for one.
class TransferFails : public testing::Test {
protected:
    TransferFails() {
        using enum store::Right;
        team = share("Team", {lookup, read, write, mark_deleted, expunge});
        store::NewMessage message;
        message.content = store::prepare("Subject: x\r\n\r\nabc\r\n");
        message.flags = {store::Flag::deleted};
        check(bob.append(team, std::vector<store::NewMessage>(count, message)).has_value(), "mail arrives");
        client.after("a LOGIN ann secret\r\na ENABLE QRESYNC\r\n");
        client.after("a SELECT \"Other Users/bob@example.test/Team\"\r\n");
    }

    store::MailboxId share(std::string_view name, store::Rights rights) {
        const auto id = bob.create(store::MailboxName::parse(name).value()).value().id;
        check(bob.change_rights(id, imap_world::ann, {store::RightsChange::How::replace, rights}).has_value(),
              "a mailbox is shared");
        return id;
    }
    void fail_write(int number) {
        writes = 0;
        engine->is_full = [this, number] { return ++writes == number; };
    }
    static std::uint64_t messages(const store::Account& account, store::MailboxId mailbox) {
        return account.view().mailbox(mailbox).value().counts.messages;
    }

    static constexpr std::size_t count = 600;  // more than the store moves in one transaction
    InterruptedEngine* engine = new InterruptedEngine;
    imap_world::World world{std::unique_ptr<engine::Engine>(engine)};
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
    store::Account bob = world.store().account(imap_world::bob);
    store::MailboxId team;
    int writes = 0;
};

// RFC 4314 §4, RFC 3501 §6.4.7: flags that may not be set are never there, not even for a moment.
TEST_F(TransferFails, CopiesComeWithoutForbiddenFlagsInOneWrite) {
    using enum store::Right;
    const auto other = share("Other", {lookup, read, insert, write});
    fail_write(2);
    EXPECT_THAT(client.after("b COPY 1:2 \"Other Users/bob/Other\"\r\n"),
                testing::StartsWith("b OK [COPYUID "));
    fail_write(2);
    EXPECT_THAT(client.after("c MOVE 1:2 \"Other Users/bob/Other\"\r\n"), testing::HasSubstr("\r\nc OK "));
    const auto state = bob.view().mailbox(other).value();
    EXPECT_EQ(state.counts.messages, 4U);
    EXPECT_EQ(state.counts.deleted, 0U);
}

// RFC 6851 §3.3: each is where it was, or where it was to be, and the client is told which.
TEST_F(TransferFails, WhatHasMovedWithinAnAccountIsTold) {
    using enum store::Right;
    const auto other = share("Other", {lookup, read, insert, write, seen, mark_deleted, expunge});
    fail_write(3);
    const auto said = client.after("b MOVE 1:* \"Other Users/bob/Other\"\r\n");
    const auto moved = messages(bob, other);
    EXPECT_EQ(moved, 500U);
    EXPECT_EQ(messages(bob, team), count - moved);
    EXPECT_THAT(said, testing::HasSubstr(fmt::format(" 1:{} 1:{}] Moved\r\n", moved, moved)));
    EXPECT_THAT(last_line(said), testing::StartsWith("b NO [UNAVAILABLE] "));
}

TEST_F(TransferFails, WhatCannotBeTakenOutOfAnotherAccountIsNotLeftInBoth) {
    int since = 0;
    engine->is_full = [&] { return messages(world.account(), store::inbox) == count && ++since == 1; };
    const auto said = client.after("b MOVE 1:* INBOX\r\n");
    EXPECT_EQ(messages(world.account(), store::inbox), 0U);
    EXPECT_EQ(messages(bob, team), count);
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("COPYUID")));
    EXPECT_THAT(last_line(said), testing::StartsWith("b NO [UNAVAILABLE] "));
}

TEST_F(TransferFails, NorIsItLostWhereAPartHasBeenTakenOut) {
    int since = 0;
    engine->is_full = [&] { return messages(bob, team) < count && ++since == 1; };
    const auto said = client.after("b MOVE 1:* INBOX\r\n");
    const auto moved = messages(world.account(), store::inbox);
    EXPECT_EQ(moved, 250U);
    EXPECT_EQ(messages(bob, team), count - moved);
    EXPECT_THAT(said, testing::HasSubstr(fmt::format(" 1:{} 1:{}] Moved\r\n", moved, moved)));
    EXPECT_THAT(last_line(said), testing::StartsWith("b NO [UNAVAILABLE] "));
}

// Where nothing can be written any more the others are in both: mail is rather there twice than not at all.
TEST_F(TransferFails, WhatHasMovedIsToldThoughTheRestCannotBeTakenBack) {
    engine->is_full = [&] { return messages(bob, team) < count; };
    const auto said = client.after("b MOVE 1:* INBOX\r\n");
    EXPECT_EQ(messages(world.account(), store::inbox), count);
    EXPECT_EQ(messages(bob, team), count - 250);
    EXPECT_THAT(said, testing::HasSubstr(" 1:250 1:250] Moved\r\n"));
    EXPECT_THAT(last_line(said), testing::StartsWith("b NO [UNAVAILABLE] "));
}

}  // namespace
}  // namespace hongyan::imap
