// COMPRESS (RFC 4978), and its end by UNAUTHENTICATE (RFC 8437 §4.1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/deflation.h"
#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

class CompressedSessionTest : public testing::Test {
protected:
    CompressedSessionTest() { client.after("a LOGIN ann secret\r\n"); }

    // What the server has said, packed.
    std::string heard(std::string_view packed) {
        peer->receive(packed);
        std::string said;
        for (auto piece = peer->next_piece(); !piece.empty(); piece = peer->next_piece()) said += piece;
        return said;
    }
    std::string talk(std::string_view commands) { return heard(client.after(peer->outgoing(commands))); }

    imap_world::World world;
    imap_world::Session client{world, imap_world::open_settings(), session::Security{}};
    std::unique_ptr<session::Filter> peer = session::make_deflation();
};

// RFC 4978 §3: from behind the answer on everything goes through the filter, IDLE too.
TEST_F(CompressedSessionTest, ACompressedSessionTalksAsAnyOther) {
    EXPECT_EQ(client.after("b COMPRESS GZIP\r\n"), "b BAD Only DEFLATE is known here\r\n");
    EXPECT_EQ(client.after("c COMPRESS DEFLATE\r\n"), "c OK DEFLATE active\r\n");
    EXPECT_EQ(talk("d NOOP\r\n"), "d OK Done\r\n");
    EXPECT_EQ(talk("e COMPRESS DEFLATE\r\n"), "e NO [COMPRESSIONACTIVE] DEFLATE is active already\r\n");
    EXPECT_THAT(talk("f SELECT INBOX\r\ng IDLE\r\n"), testing::EndsWith("+ Idling\r\n"));
    world.deliver("Subject: x\r\n\r\nx\r\n");
    client.mail_changed();
    EXPECT_EQ(talk(""), "* 1 EXISTS\r\n* 1 RECENT\r\n");
    EXPECT_EQ(talk("DONE\r\n"), "g OK Idled\r\n");
}

TEST_F(CompressedSessionTest, WhatIsNoDeflateEndsACompressedSession) {
    client.after("b COMPRESS DEFLATE\r\n");
    EXPECT_EQ(client.after("\xff\xff\xff NOOP\r\n"), "");
    EXPECT_TRUE(std::holds_alternative<session::Close>(client.next()));
}

// A hundred kilobytes that stand for twenty megabytes are a command too long, no more: they are counted as
// what the stream takes.
TEST_F(CompressedSessionTest, ABombTakesNoMemory) {
    auto settings = imap_world::open_settings();
    settings.memory = std::make_shared<Budget>(session::deflation_memory);
    imap_world::Session other(world, settings, session::Security{});
    other.after("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
    std::string packed;
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 20; ++i) packed += peer->outgoing(piece);
    EXPECT_EQ(heard(other.after(packed)), "* BAD The command is too long\r\n");
    EXPECT_EQ(settings.memory->held(), session::deflation_memory);
    EXPECT_EQ(heard(other.after(peer->outgoing("\r\nc NOOP\r\n"))), "c OK Done\r\n");
}

TEST_F(CompressedSessionTest, WhereMemoryIsShortNothingIsCompressed) {
    auto settings = imap_world::open_settings();
    settings.memory = std::make_shared<Budget>(1000);
    ASSERT_TRUE(settings.memory->take_favour());
    imap_world::Session other(world, settings, session::Security{});
    other.after("a LOGIN ann secret\r\n");
    EXPECT_THAT(other.after("b COMPRESS DEFLATE\r\n"), testing::StartsWith("b NO [UNAVAILABLE]"));
    EXPECT_EQ(other.after("c NOOP\r\n"), "c OK Done\r\n");
}

// RFC 8437 §4.1: the client speaks plainly from behind its command on, and may do so at once (§3); the server
// from behind its OK on. Whoever comes then may have the connection compressed anew.
TEST_F(CompressedSessionTest, WhoUnauthenticatesSpeaksPlainlyFromThenOn) {
    client.after("b COMPRESS DEFLATE\r\n");
    EXPECT_EQ(talk("c NOOP\r\n"), "c OK Done\r\n");
    EXPECT_EQ(talk("d UNAUTHENTICATE\r\n"), "d OK You are nobody again\r\n");
    EXPECT_THAT(client.after("e LOGIN ann secret\r\n"), testing::EndsWith("] Logged in\r\n"));
    EXPECT_EQ(client.after("f COMPRESS DEFLATE\r\n"), "f OK DEFLATE active\r\n");
    peer = session::make_deflation();
    EXPECT_EQ(talk("g NOOP\r\n"), "g OK Done\r\n");
}

TEST_F(CompressedSessionTest, PlainCommandsMayFollowAtOnce) {
    client.after("b COMPRESS DEFLATE\r\n");
    EXPECT_EQ(talk("c NOOP\r\n"), "c OK Done\r\n");
    const auto said = client.after(peer->outgoing("d UNAUTHENTICATE\r\n") + "e LOGIN ann secret\r\n");
    EXPECT_THAT(said, testing::EndsWith("] Logged in\r\n"));
}

// However it ends its stream, and wherever that is cut.
TEST_F(CompressedSessionTest, TheEndOfItsStreamIsFound) {
    for (const bool finishes : {false, true}) {
        imap_world::Session other(world, imap_world::open_settings(), session::Security{});
        other.after("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
        const auto here = session::make_deflation();
        const std::string_view command = "d UNAUTHENTICATE\r\n";
        const auto packed = finishes ? here->last(command) : here->outgoing(command);
        std::string said;
        for (const auto octet : packed + "e LOGIN ann secret\r\n") said += other.after({&octet, 1});
        EXPECT_THAT(said, testing::EndsWith("] Logged in\r\n"));
        EXPECT_EQ(other.after("f UNAUTHENTICATE\r\n"), "f OK You are nobody again\r\n");
    }
}

// The server's stream ends where the RFC says, so that whoever reads it sees its end.
TEST_F(CompressedSessionTest, TheServersStreamHasAnEnd) {
    client.after("b COMPRESS DEFLATE\r\n");
    EXPECT_EQ(talk("d UNAUTHENTICATE\r\n"), "d OK You are nobody again\r\n");
    EXPECT_EQ(peer->behind_end(), std::nullopt);
    peer->receive("* BYE\r\n");
    EXPECT_EQ(peer->behind_end(), "* BYE\r\n");
    EXPECT_FALSE(peer->is_broken());
}

// Commands behind it that were packed with it are heard; those packed later are no plain text.
TEST_F(CompressedSessionTest, WhatIsPackedBehindTheEndIsNoCommand) {
    client.after("b COMPRESS DEFLATE\r\n");
    const auto said =
        client.after(peer->outgoing("d UNAUTHENTICATE\r\ne LOGIN ann secret\r\nf UNAUTHENTICATE\r\n"));
    EXPECT_THAT(said, testing::AllOf(testing::HasSubstr("] Logged in\r\n"),
                                     testing::EndsWith("\r\nf OK You are nobody again\r\n")));
    EXPECT_THAT(heard(said), testing::StartsWith("d OK You are nobody again\r\n"));
    EXPECT_THAT(client.after(peer->outgoing("g LOGIN ann secret\r\n")),
                testing::Not(testing::HasSubstr("Logged in")));
}

// RFC 3207 §4.2, RFC 9051 §6.2.1: nothing that came in the clear stands before what is heard behind TLS, and
// no stream that was begun there takes away of it.
TEST_F(CompressedSessionTest, AStreamThatHasNoEndIsForgottenWithThePlainText) {
    auto settings = imap_world::open_settings();
    settings.offers_tls = true;
    imap_world::Session other(world, settings, session::Security{});
    other.after("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
    // A stored block of 1000 octets, of which no more come (RFC 1951 §3.2.4).
    const std::string begin("\0\xe8\x03\x17\xfc", 5);
    EXPECT_THAT(other.after(begin + "c UNAUTHENTICATE\r\nd STARTTLS\r\n"),
                testing::EndsWith("d OK Begin TLS\r\n"));
    other.secured({.circumstances = {.encrypted = true}});
    EXPECT_EQ(other.after("e NOOP\r\n"), "e OK Done\r\n");
}

// The memory is given back with the stream.
TEST_F(CompressedSessionTest, ItsMemoryIsGivenBack) {
    auto settings = imap_world::open_settings();
    settings.memory = std::make_shared<Budget>(1'000'000);
    imap_world::Session other(world, settings, session::Security{});
    other.after("a LOGIN ann secret\r\nb COMPRESS DEFLATE\r\n");
    EXPECT_GT(settings.memory->held(), 0U);
    other.after(peer->outgoing("c UNAUTHENTICATE\r\n") + "d NOOP\r\n");
    EXPECT_EQ(settings.memory->held(), 0U);
}

}  // namespace
}  // namespace hongyan::imap
