#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/command_table.h"
#include "smtp/replies.h"
#include "smtp/trace.h"
#include "smtp/wire/data_decoder.h"
#include "smtp/wire/parameters.h"
#include "smtp/wire/reply.h"
#include "smtp/wire/xtext.h"

namespace hongyan::smtp {
namespace {

using testing::HasSubstr;

TEST(Reply, EveryLineHasTheCodes) {
    EXPECT_EQ(to_wire({250, "", std::vector<std::string>{"one", "two"}}), "250-one\r\n250 two\r\n");
    EXPECT_EQ(to_wire({550, "5.1.1", std::vector<std::string>{"one", "two"}}),
              "550-5.1.1 one\r\n550 5.1.1 two\r\n");
}

TEST(Reply, IsReadBack) {
    for (const auto& reply :
         {Reply(250, "2.1.0", "Ok"), Reply(354, "", "Go on"), Reply(421, "4.7.12", "3.4 no")})
        EXPECT_EQ(parse_reply(to_wire(reply).substr(0, to_wire(reply).size() - 2)), reply);
    for (const auto* bad : {"", "250", "Ok", "99 2.1.0 Ok", "600 no"}) EXPECT_FALSE(parse_reply(bad)) << bad;
}

TEST(Xtext, GoesRound) {
    for (const auto* text : {"", "plain", "a+b=c", "two words", "重要"})
        EXPECT_EQ(from_xtext(to_xtext(text)), text);
    EXPECT_EQ(to_xtext("e=mc2"), "e+3Dmc2");
    for (const auto* bad : {"+", "+4", "+GG", "a=b", "a b"}) EXPECT_FALSE(from_xtext(bad)) << bad;
}

TEST(Parameters, GoRound) {
    const MailParameters parameters{
        .size = 500,
        .body = Body::binary,
        .smtputf8 = true,
        .wanted_return = Return::full,
        .envelope_id = "a+b",
        .submitter = "<>",
        .priority = -4,
        .hold_for = std::chrono::seconds(60),
        .hold_until = Instant(std::chrono::seconds(1'700'000'000)),
        .deliver_by = DeliverBy{.remaining = std::chrono::seconds(-5), .trace = true},
        .requiretls = true};
    EXPECT_EQ(parse_mail_parameters(to_text(parameters)), parameters);
    for (const auto& notify :
         {Notify{}, Notify{.said = true}, Notify{.said = true, .success = true, .delay = true}})
        EXPECT_EQ(parse_recipient_parameters(to_text(notify))->notify, notify);
}

// What a decoder makes of `text` when it comes in pieces of `piece`, with what follows the end.
struct Decoded {
    std::string message;
    std::string rest;
    bool stray = false;
    bool operator==(const Decoded&) const = default;
};
std::optional<Decoded> decode(std::string_view text, std::size_t piece) {
    MessageBuffer message(1000);
    DataDecoder decoder;
    while (!text.empty()) {
        const auto progress = decoder.take(text.substr(0, piece), message);
        text.remove_prefix(progress.taken);
        if (progress.ended) return Decoded{message.take(), std::string(text), decoder.saw_stray_line_end()};
    }
    return std::nullopt;
}

TEST(LineEndWatch, SeesACrOrLfThatStandsAloneHoweverTheBytesCome) {
    const std::pair<std::string_view, bool> rows[] = {
        {"", false},        {"a", false},           {"\r\n", false},  {"a\r\n\r\nb\r\n", false},
        {"\n", true},       {"\r", true},           {"a\nb", true},   {"a\rb", true},
        {"\n\r", true},     {"\r\n\r", true},       {"\r\r\n", true}, {"\r\n\n", true},
        {"a\r\nb\r", true}, {"a\r\n.\n\r\n", true},
    };
    for (const auto& [text, stray] : rows) {
        for (std::size_t piece = 1; piece <= 5; ++piece) {
            LineEndWatch watch;
            for (std::size_t at = 0; at < text.size(); at += piece) watch.see(text.substr(at, piece));
            EXPECT_EQ(watch.saw_stray(), stray) << testing::PrintToString(text) << " by " << piece;
        }
    }
}

TEST(DataDecoder, FindsTheEndAndTakesDotsOut) {
    struct Row {
        std::string_view text;
        std::optional<Decoded> decoded;
    };
    const Row rows[] = {
        {".\r\nNOOP", Decoded{"", "NOOP", false}},
        {"a\r\n.\r\n", Decoded{"a\r\n", "", false}},
        {"..\r\n...\r\n.a\r\n.\r\n.", Decoded{".\r\n..\r\na\r\n", ".", false}},
        {"a.\r\nb\r\n.\r\n", Decoded{"a.\r\nb\r\n", "", false}},
        {"a\n.\n\r\n.\r\n", Decoded{"a\n.\n\r\n", "", true}},
        {"a\r.\r\r\n.\r\n", Decoded{"a\r.\r\r\n", "", true}},
        {"a\r\n.\n.\r\n\r\n.\r\n", Decoded{"a\r\n\n.\r\n\r\n", "", true}},
        {"\r\n.\r.\r\n\r\n.\r\n", Decoded{"\r\n\r.\r\n\r\n", "", true}},
        {"a\r\n.", std::nullopt},
        {"a\r\n.\r", std::nullopt},
        {"a\n.\n", std::nullopt},
        {"a\n.\r\n", std::nullopt},
    };
    for (const auto& row : rows)
        for (const auto piece : {1U, 2U, 3U, 100U}) {
            const auto decoded = decode(row.text, piece);
            ASSERT_EQ(decoded.has_value(), row.decoded.has_value()) << row.text;
            if (decoded) EXPECT_EQ(decoded->message, row.decoded->message) << row.text;
            if (decoded) EXPECT_EQ(*decoded, *row.decoded) << row.text;
        }
}

TEST(MessageBuffer, KeepsNothingBeyondItsLimit) {
    MessageBuffer message(3);
    message.append("abc");
    EXPECT_FALSE(message.too_large());
    message.append("d");
    EXPECT_TRUE(message.too_large());
    EXPECT_EQ(message.size(), 0U);
}

TEST(CommandTable, RowsNameTheirSections) {
    for (const auto& row : command_table()) {
        EXPECT_THAT(row.syntax, testing::StartsWith(row.verb));
        EXPECT_THAT(row.section, HasSubstr("§")) << row.verb;
    }
}

Path path(std::string_view text) { return message::parse_path(text).value(); }

TEST(Trace, NamesTheWayItCame) {
    const Client client{.address = "2001:db8::1",
                        .said_name = "client.example",
                        .protocol = Protocol::esmtp,
                        .security = "TLSv1.3 TLS_AES_256_GCM_SHA384",
                        .account = "ann@here.test"};
    EXPECT_EQ(received_field(client, "here.test", "42", path("<bob@here.test>"), {}, Instant{}),
              "Received: from client.example ([IPv6:2001:db8::1])\r\n"
              "\tby here.test with ESMTPSA id 42\r\n"
              "\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
              "\tfor <bob@here.test>;\r\n"
              "\tThu, 1 Jan 1970 00:00:00 +0000\r\n");
    EXPECT_THAT(
        received_field(client, "here.test", "42", path("<bob@here.test>"), {.priority = -3}, Instant{}),
        HasSubstr("\tfor <bob@here.test>\r\n\tPRIORITY -3;\r\n"));
    EXPECT_EQ(return_path_field(path("<>")), "Return-Path: <>\r\n");
    EXPECT_EQ(delivered_to_field(path("<bob@here.test>")), "Delivered-To: bob@here.test\r\n");
}

TEST(Trace, TheProtocolHasItsRegisteredName) {
    // RFC 3848 §2, RFC 6531 §4.3
    struct Row {
        Protocol protocol;
        bool tls;
        bool authenticated;
        bool smtputf8;
        std::string_view name;
    };
    const Row rows[] = {
        {Protocol::smtp, false, false, false, "SMTP"},     {Protocol::esmtp, false, false, false, "ESMTP"},
        {Protocol::esmtp, false, true, false, "ESMTPA"},   {Protocol::esmtp, true, false, false, "ESMTPS"},
        {Protocol::esmtp, true, true, true, "UTF8SMTPSA"}, {Protocol::lmtp, false, false, false, "LMTP"},
        {Protocol::lmtp, true, true, true, "UTF8LMTPSA"}};
    for (const auto& row : rows) {
        const Client client{.protocol = row.protocol,
                            .security = row.tls ? "TLSv1.3" : "",
                            .account = row.authenticated ? "ann" : ""};
        EXPECT_EQ(with_protocol(client, row.smtputf8), row.name);
    }
}

TEST(Trace, CountsReceivedFieldsOfTheHeaderOnly) {
    EXPECT_EQ(count_received_fields(""), 0U);
    EXPECT_EQ(
        count_received_fields("Received: a\r\n\tb\r\nreceived:c\r\nX-Received: d\r\n\r\nReceived: e\r\n"),
        2U);
}

TEST(MessageBuffer, HoldsItsRoomUntilItsEnd) {
    const auto budget = std::make_shared<Budget>(std::size_t{1} << 20U);
    ASSERT_TRUE(budget->take_favour());
    {
        MessageBuffer message(900'000, budget);
        EXPECT_TRUE(message.make_room(1));
        const auto step = budget->held();
        EXPECT_TRUE(message.make_room(step));
        EXPECT_EQ(budget->held(), step) << "small messages ask once";
        EXPECT_TRUE(message.make_room(SIZE_MAX)) << "more than its limit is never kept";
        MessageBuffer other(900'000, budget);
        EXPECT_FALSE(other.make_room(1));
        EXPECT_EQ(message.room_held(), budget->held());
        EXPECT_EQ(other.room_wanted(1), step);
        message.append(std::string(500, 'x'));
        EXPECT_EQ(message.take().size(), 500);
        EXPECT_FALSE(other.make_room(1)) << "who took it has it still";
        other.give_up();
        EXPECT_TRUE(other.make_room(1));
        other.append("x");
        EXPECT_EQ(other.size(), 0);
    }
    EXPECT_EQ(budget->held(), 0);
}

TEST(MessageBuffer, OneThatIsTooLargeGivesItsRoomBack) {
    const auto budget = std::make_shared<Budget>(1'000'000);
    MessageBuffer message(10, budget);
    ASSERT_TRUE(message.make_room(20));
    message.append(std::string(20, 'x'));
    EXPECT_TRUE(message.too_large());
    EXPECT_EQ(budget->held(), 0);
}

}  // namespace
}  // namespace hongyan::smtp
