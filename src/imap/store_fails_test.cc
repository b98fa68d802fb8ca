// A STORE of so many messages that it is done in portions, of which a later one fails.
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

}  // namespace
}  // namespace hongyan::imap
