// What conversations cannot show: large messages, locks, the store underneath.
#include <gmock/gmock.h>

#include "pop3/command_table.h"
#include "pop3/maildrop.h"
#include "pop3/maildrop_locks.h"
#include "pop3/wire/message_text.h"
#include "store/store_fixture.h"

namespace hongyan::pop3 {
namespace {

std::string all_of(std::string message) {
    MessageText text(std::move(message));
    std::string out;
    while (!text.done()) text.append_piece(out);
    return out;
}

// What a client makes of it (RFC 1939 §3).
std::string unstuffed(const std::string& sent) {
    std::string out;
    for (std::size_t at = 0; at < sent.size();) {
        const auto end = sent.find('\n', at) + 1;
        auto line = sent.substr(at, end - at);
        at = end;
        if (line == ".\r\n") return at == sent.size() ? out : "something follows the end";
        out += line.starts_with('.') ? line.substr(1) : line;
    }
    return "no end";
}

TEST(MessageText, EndsWithADotAndStuffsThoseOfTheMessage) {
    struct Row {
        std::string_view message, sent;
    };
    for (const auto& [message, sent] : {
             Row{"", ".\r\n"},
             Row{"a\r\n", "a\r\n.\r\n"},
             Row{".\r\n", "..\r\n.\r\n"},
             Row{"a\r\n.\r\n..b\r\n", "a\r\n..\r\n...b\r\n.\r\n"},
             Row{"a.\r\n b.c\r\n", "a.\r\n b.c\r\n.\r\n"},
             Row{"no line end", "no line end\r\n.\r\n"},
             Row{"a\n.\nb\n", "a\n..\nb\n\r\n.\r\n"},
         })
        EXPECT_EQ(all_of(std::string(message)), sent);
}

TEST(MessageText, DoesNotDependOnWhereItsPiecesAreCut) {
    for (std::size_t before = 32'700; before < 32'800; ++before) {
        const auto message = std::string(before, 'x') + "\r\n.\r\n..\r\n" + std::string(40'000, '.') + "\r\n";
        ASSERT_EQ(unstuffed(all_of(message)), message) << before;
    }
}

TEST(MessageText, TheTopIsTheHeaderAndSoManyLines) {
    struct Row {
        std::string_view message;
        std::uint32_t lines;
        std::string_view top;
    };
    constexpr std::string_view message = "A: b\r\nC: d\r\n\r\n1\r\n2\r\n3";
    for (const auto& [text, lines, top] : {
             Row{message, 0, "A: b\r\nC: d\r\n\r\n"},
             Row{message, 2, "A: b\r\nC: d\r\n\r\n1\r\n2\r\n"},
             Row{message, 3, message},
             Row{message, UINT32_MAX, message},
             Row{"\r\nbody\r\nmore\r\n", 1, "\r\nbody\r\n"},
             Row{"A: b\n\nx\ny\n", 1, "A: b\n\nx\n"},
             Row{"A: no body", 5, "A: no body"},
             Row{"", 1, ""},
         })
        EXPECT_EQ(text.substr(0, size_of_top(text, lines)), top);
}

TEST(MaildropLocks, OneSessionHoldsAMaildropUntilItsEnd) {
    const MaildropLocks locks;
    auto hold = locks.take(store::AccountId(1));
    EXPECT_NE(hold, nullptr);
    EXPECT_EQ(locks.take(store::AccountId(1)), nullptr);
    EXPECT_NE(locks.take(store::AccountId(2)), nullptr);
    hold.reset();
    EXPECT_NE(locks.take(store::AccountId(1)), nullptr);
}

using OfTheStore = store::StoreTest;

TEST_F(OfTheStore, AMaildropListsTheOctetsThatAreFetched) {
    auto message = store::mail("A: b\r\n\r\none\r\n");
    message.prefix = "Return-Path: <>\r\n";
    ASSERT_TRUE(account.append(store::inbox, {message}));
    append("A: b\r\n\r\nanother\r\n");
    append({"A: b\r\n\r\na\0b", 11});
    const auto maildrop = open_maildrop(account);
    ASSERT_TRUE(maildrop);
    ASSERT_EQ(maildrop->messages.size(), 3);
    for (const auto& listed : maildrop->messages)
        EXPECT_EQ(fetch_message(account, listed)->size(), listed.size);
}

// RFC 1939 §3 and §11: octets announced are octets sent, also where the last line must be ended first.
TEST_F(OfTheStore, TheLineEndThatAMessageLacksIsCounted) {
    for (const auto* text : {"A: b\r\n\r\nno line end", "A: b\r\n\r\nline feed\n", "A: b\r\n\r\nhalf\r", ""})
        append(text);
    ASSERT_TRUE(account.copy(store::inbox, store::uids({1}), store::inbox));
    const auto maildrop = open_maildrop(account);
    ASSERT_EQ(maildrop->messages.size(), 5);
    for (const auto& listed : maildrop->messages) {
        auto text = fetch_message(account, listed).value();
        EXPECT_EQ(text.size(), listed.size);
        EXPECT_EQ(unstuffed(all_of(text)), text);
        EXPECT_EQ(text.ends_with("\r\n") || text.empty(), true) << text;
    }
}

// RFC 6856 §2.1: a surrogate has a size of its own, and that is the one that LIST tells.
TEST_F(OfTheStore, ASurrogateIsListedWithItsOwnSize) {
    append("From: 雁 <yan@example.test>\r\nX-Note: 雁雁雁雁雁雁\r\nSubject: s\r\n\r\n大雁\r\n");
    append("A: b\r\n\r\n大雁, not ended");
    append("Subject: 雁\r\n\r\nnot ended either");
    auto in_ascii = open_maildrop(account);
    const auto as_they_stand = open_maildrop(account);
    ASSERT_TRUE(in_ascii && as_they_stand);
    EXPECT_EQ(measure(account, in_ascii->messages), 3U);
    ASSERT_EQ(in_ascii->messages.size(), 3U);
    for (const auto& listed : in_ascii->messages)
        EXPECT_EQ(fetch_message(account, listed, Headers::ascii)->size(), listed.size);
    for (const auto& listed : as_they_stand->messages)
        EXPECT_EQ(fetch_message(account, listed)->size(), listed.size);
    EXPECT_LT(in_ascii->messages[0].size, as_they_stand->messages[0].size);
    EXPECT_EQ(in_ascii->messages[1], as_they_stand->messages[1]) << "its header has nothing to hide";
}

TEST_F(OfTheStore, WhatIsRemovedWhileItIsMeasuredKeepsItsSize) {
    append("Subject: 雁\r\n\r\none\r\n");
    const auto gone = append("Subject: 雁雁\r\n\r\ntwo\r\n");
    append("Subject: 雁雁雁\r\n\r\nthree\r\n");
    auto maildrop = open_maildrop(account).value();
    const auto before = maildrop;
    ASSERT_TRUE(remove_messages(account, {gone}));
    EXPECT_EQ(measure(account, maildrop.messages), 3U);
    EXPECT_NE(maildrop.messages[0].size, before.messages[0].size);
    EXPECT_EQ(maildrop.messages[1].size, before.messages[1].size);
    EXPECT_NE(maildrop.messages[2].size, before.messages[2].size);
}

// So that who waits for a worker need not wait until a maildrop of gigabytes has been read.
TEST_F(OfTheStore, AMaildropIsMeasuredInPortions) {
    const std::string large(3'000'000, 'x');
    for (int i = 0; i < 4; ++i) append("Subject: 雁\r\n\r\n" + large + "\r\n");
    for (int i = 0; i < 300; ++i) append("Subject: 雁\r\n\r\nsmall\r\n");
    auto maildrop = open_maildrop(account).value();
    std::span<Listed> left = maildrop.messages;
    std::vector<std::size_t> portions;
    while (!left.empty()) {
        portions.push_back(measure(account, left).value());
        left = left.subspan(portions.back());
    }
    EXPECT_THAT(portions, testing::ElementsAre(2, 2, 200, 100));
    for (const auto& listed : maildrop.messages)
        EXPECT_EQ(fetch_message(account, listed, Headers::ascii)->size(), listed.size);
}

TEST_F(OfTheStore, WhatIsRemovedIsGoneAndTheOthersKeepTheirUids) {
    const auto first = append("A: b\r\n\r\none\r\n");
    append("A: b\r\n\r\nanother\r\n");
    const auto before = open_maildrop(account);
    EXPECT_TRUE(remove_messages(account, {first}));
    EXPECT_TRUE(remove_messages(account, {first})) << "what is gone needs no removing";
    EXPECT_EQ(fetch_message(account, before->messages[0]).error().kind, Error::Kind::not_found);
    EXPECT_THAT(open_maildrop(account)->messages, testing::ElementsAre(before->messages[1]));
}

TEST(CommandTable, VerbsAreThreeOrFourLettersAndNoneIsThereTwice) {
    for (const auto& row : command_table()) {
        EXPECT_THAT(row.verb.size(), testing::AllOf(testing::Ge(3), testing::Le(4))) << "RFC 1939 §3";
        EXPECT_EQ(find_command(row.verb), &row);
    }
}

}  // namespace
}  // namespace hongyan::pop3
