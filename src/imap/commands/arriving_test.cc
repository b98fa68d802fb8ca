// APPEND and REPLACE of messages that are put together from what lies here (RFC 4469).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap::commands {
namespace {

using testing::EndsWith;
using testing::Gt;
using testing::HasSubstr;

class ArrivingTest : public testing::Test {
protected:
    ArrivingTest() {
        settings.memory = std::make_shared<Budget>(memory);
        session.emplace(std::make_shared<const Settings>(settings), session::Security{}, world.random());
        world.deliver("Subject: large\r\n\r\n" + std::string(large, 'x'));
        after("a LOGIN ann secret\r\n");
    }

    // Counts the portions of work, and sees how much memory is held between them.
    std::string after(std::string_view commands) {
        portions = 0;
        most_held = 0;
        session->receive(commands);
        std::string said;
        for (;;) {
            const auto action = session->next();
            if (const auto* write = std::get_if<session::Write>(&action)) {
                said += write->bytes;
            } else if (const auto* question = std::get_if<Question>(&action)) {
                ++portions;
                session->answer(world.answer(*question));
                most_held = std::max(most_held, settings.memory->held());
            } else {
                return said;
            }
        }
    }

    static constexpr std::size_t large = 3'000'000;
    static constexpr std::uint64_t memory = 20'000'000;
    imap_world::World world;
    Settings settings = imap_world::open_settings();
    std::optional<Session> session;
    int portions = 0;
    std::uint64_t most_held = 0;
};

// Others have their turn, though little comes of what is read.
TEST_F(ArrivingTest, MessagesAreReadInPortions) {
    EXPECT_THAT(after("b APPEND INBOX CATENATE (URL \"/INBOX/;UID=1/;PARTIAL=0.9\" URL "
                      "\"/INBOX/;UID=1/;PARTIAL=0.9\") CATENATE (URL \"/INBOX/;UID=1/;PARTIAL=0.9\")\r\n"),
                EndsWith("b OK [APPENDUID 1700000000 2:3] Appended\r\n"));
    EXPECT_GE(portions, 3);
    EXPECT_THAT(after("c SELECT INBOX\r\nd REPLACE 2 INBOX CATENATE (URL \";UID=1\" URL \";UID=1\")\r\n"),
                EndsWith("d OK Replaced\r\n"));
    EXPECT_THAT(after("e FETCH 3 RFC822.SIZE\r\n"),
                HasSubstr(fmt::format("RFC822.SIZE {})", 2 * large + 36)));
}

TEST_F(ArrivingTest, MessagesTakeOfTheMemoryOfAllSessionsUntilTheyAreKept) {
    after("b APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\") CATENATE (URL \"/INBOX/;UID=1\")\r\n");
    EXPECT_THAT(most_held, Gt(2 * large));
    EXPECT_EQ(settings.memory->held(), 0U);
}

// A right that is taken away meanwhile is missed.
TEST_F(ArrivingTest, TheTargetIsLookedAtBeforeEachPortion) {
    const auto bob = world.store().account(imap_world::bob);
    const auto team = bob.create(store::MailboxName::parse("Team").value()).value().id;
    using enum store::Right;
    const auto allow = [&](store::Rights rights) {
        ASSERT_TRUE(bob.change_rights(team, imap_world::ann, {store::RightsChange::How::replace, rights}));
    };
    allow({lookup, insert});
    session->receive(
        "b APPEND \"Other Users/bob/Team\" CATENATE (URL \"/INBOX/;UID=1\" URL \"/INBOX/;UID=1\")\r\n");
    session->answer(world.answer(std::get<Question>(session->next())));
    allow({lookup});
    EXPECT_THAT(after(""), HasSubstr("b NO [NOPERM] "));
}

}  // namespace
}  // namespace hongyan::imap::commands
