#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

class SessionTest : public testing::Test {
protected:
    SessionTest() { client.after("a LOGIN ann secret\r\n"); }

    imap_world::World world;
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
};

// Bytes that go out at a time, whatever is asked for.
TEST_F(SessionTest, ALargeAnswerGoesOutInPortions) {
    const std::string body(100'000, 'x');
    for (int i = 0; i < 20; ++i) world.deliver(fmt::format("Subject: {}\r\n\r\n{}\r\n", i, body));
    client.after("b SELECT INBOX\r\n");
    client.receive("c FETCH 1:* BODY.PEEK[]\r\n");
    std::size_t total = 0;
    std::string last;
    for (auto action = client.next(); std::holds_alternative<session::Write>(action);
         action = client.next()) {
        last = std::get<session::Write>(action).bytes;
        EXPECT_LE(last.size(), 2 * enough_said);
        total += last.size();
    }
    EXPECT_GT(total, 20 * body.size());
    EXPECT_TRUE(last.ends_with("\r\nc OK Fetched\r\n"));
}

TEST_F(SessionTest, WhatCameInTheClearBehindStartTlsIsForgotten) {
    auto settings = imap_world::open_settings();
    settings.offers_tls = true;
    imap_world::Session stranger(world, settings, session::Security{});
    EXPECT_THAT(stranger.after("a STARTTLS\r\nb LOGIN ann secret\r\n"),
                testing::EndsWith("a OK Begin TLS\r\n"));
    stranger.secured({.circumstances = {.encrypted = true}});
    EXPECT_EQ(stranger.after("c NOOP\r\n"), "c OK Done\r\n");
}

TEST_F(SessionTest, AMessageThatCameIsReadByteForByte) {
    const std::string message("From: a\r\n\r\n\x80\xff.\r\nline without end");
    client.after("b SELECT INBOX\r\n");
    client.after(fmt::format("c APPEND INBOX {{{}+}}\r\n{}\r\n", message.size(), message));
    EXPECT_THAT(client.after("d FETCH 1 BODY.PEEK[]\r\n"),
                testing::HasSubstr(fmt::format("BODY[] {{{}}}\r\n{})", message.size(), message)));
}

}  // namespace
}  // namespace hongyan::imap
