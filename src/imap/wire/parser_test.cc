#include "imap/wire/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

using Range = SetRange;
constexpr auto n(std::uint32_t number) { return SetNumber(number); }

template <typename Production>
auto read(std::string_view text, Production production) {
    Parser in(text);
    auto value = (in.*production)();
    return in.complete() ? std::optional(std::move(value)) : std::nullopt;
}
template <typename Production>
std::string complaint(std::string_view text, Production production) {
    Parser in(text);
    (in.*production)();
    EXPECT_FALSE(in.complete()) << text;
    return in.complaint();
}

TEST(Parser, StringsComeInThreeSpellings) {
    for (const auto* text : {"fred]", "\"fred]\"", "{5}\r\nfred]", "{5+}\r\nfred]"})
        EXPECT_EQ(read(text, &Parser::astring), "fred]") << text;
    EXPECT_EQ(read(R"("a\"b\\c")", &Parser::string), R"(a"b\c)");
    EXPECT_EQ(read("\"\"", &Parser::astring), "");
    for (const auto* bad : {"", "a b", "(", "\"a", "\"a\\b\"", "\"a\rb\"", "{5}\r\nfred", "{5}fred]",
                            "{-1}\r\n", "{18446744073709551615}\r\nx", "a{", "a*"})
        EXPECT_FALSE(read(bad, &Parser::astring)) << bad;
    EXPECT_FALSE(read(std::string_view("{1}\r\n\0", 6), &Parser::string));
    EXPECT_EQ(read("nil", &Parser::nstring), std::optional<std::optional<std::string>>(std::nullopt));
}

TEST(Parser, TheFirstComplaintStays) {
    EXPECT_EQ(complaint("1,x:2", &Parser::sequence_set), "expected a number of 32 bits above 0 at octet 3");
    EXPECT_EQ(complaint("1 2", &Parser::sequence_set), "expected the end of the command at octet 2");
}

TEST(Parser, SequenceSetsOfRfc3501Section9) {
    EXPECT_EQ(read("2,4:7,9,12:*", &Parser::sequence_set),
              (SequenceSet{{n(2), n(2)}, {n(4), n(7)}, {n(9), n(9)}, {n(12), SetNumber::star()}}));
    EXPECT_EQ((Range{SetNumber::star(), n(4)}.resolved(7)), (std::pair{4U, 7U}));
    EXPECT_EQ((Range{n(12), SetNumber::star()}.resolved(7)), (std::pair{7U, 12U}));
    for (const auto* bad : {"", "0", "1:", ":1", "1,", "1,,2", "4294967296", "1:2:3", "-1", "$"})
        EXPECT_FALSE(read(bad, &Parser::sequence_set)) << bad;
}

TEST(Parser, DatesAreDaysOfTheCalendar) {
    using namespace std::chrono;
    EXPECT_EQ(read("1-Feb-1994", &Parser::date), 1994y / February / 1);
    EXPECT_EQ(read("\"29-feb-2000\"", &Parser::date), 2000y / February / 29);
    for (const auto* bad :
         {"29-Feb-1999", "0-Jan-2000", "1-Foo-2000", "1-Jan-99", "\"1-Jan-2000", "287-Jan-2000"})
        EXPECT_FALSE(read(bad, &Parser::date)) << bad;

    const auto moment = read("\" 7-Feb-1994 21:52:25 -0830\"", &Parser::date_time);
    ASSERT_TRUE(moment);
    EXPECT_EQ(moment->instant, sys_days(1994y / February / 8) + 6h + 22min + 25s);
    EXPECT_EQ(moment->zone, -510min);
    for (const auto* bad : {"\"7-Feb-1994 21:52:25 -0800\"", "\"31-Feb-1994 21:52:25 -0800\"",
                            "\"17-Feb-1994 24:52:25 -0800\"", "\"17-Feb-1994 21:52:25 0800\""})
        EXPECT_FALSE(read(bad, &Parser::date_time)) << bad;
}

TEST(Parser, MailboxNamesAreUtf8WhateverTheyCameIn) {
    EXPECT_EQ(read("&XfJT0ZAB-", &Parser::mailbox), "已发送");
    EXPECT_EQ(read("\"已发送\"", &Parser::mailbox), "已发送");
    EXPECT_FALSE(read("AT&T", &Parser::mailbox));
    EXPECT_FALSE(read("\"\xff\"", &Parser::mailbox));
    EXPECT_EQ(read("&XfJT0ZAB-/%*", &Parser::list_mailbox), "已发送/%*");
    Parser utf8("AT&T", MailboxNames::utf8);
    EXPECT_EQ(utf8.mailbox(), "AT&T");
}

TEST(Parser, FetchItemsOfRfc3501Section6_4_5) {
    const auto arguments =
        read(" (FLAGS BODY[HEADER.FIELDS (DATE FROM)] body.peek[4.2.2.1.MIME]<0.512> BODY RFC822.SIZE)",
             &Parser::fetch_arguments);
    ASSERT_TRUE(arguments);
    ASSERT_EQ(arguments->items.size(), 5U);
    EXPECT_EQ(arguments->items[0], FetchItem(MessageItem::flags));
    EXPECT_EQ(arguments->items[1],
              FetchItem(BodyItem{{{}, Section::Text::header_fields, {"DATE", "FROM"}}, {}, false}));
    EXPECT_EQ(arguments->items[2],
              FetchItem(BodyItem{{{4, 2, 2, 1}, Section::Text::mime, {}}, Partial{0, 512}, true}));
    EXPECT_EQ(arguments->items[3], FetchItem(MessageItem::body));
    EXPECT_EQ(read(" FULL", &Parser::fetch_arguments)->items.size(), 5U);
    EXPECT_EQ(read(" all (CHANGEDSINCE 12345)", &Parser::fetch_arguments)->changed_since, 12345U);
    for (const auto* bad : {" ()", " (ALL)", " FLAGS UID", " BODY[MIME]", " BODY[0]", " BODY[1.]",
                            " BODY[HEADER.FIELDS ()]", " BODY[", " BODY.PEEK", " BODY[]<0.0>", " BODY[]<1>",
                            " BODY[TEXT.1]", " RFC822.PEEK", " FLAGS (CHANGEDSINCE x)"})
        EXPECT_FALSE(read(bad, &Parser::fetch_arguments)) << bad;
}

TEST(Parser, StoreOfRfc3501AndRfc7162) {
    using How = StoreArguments::How;
    EXPECT_EQ(read(" +FLAGS (\\Deleted)", &Parser::store_arguments),
              (StoreArguments{{}, How::add, false, {"\\Deleted"}}));
    EXPECT_EQ(read(" -flags.silent \\Seen $x", &Parser::store_arguments),
              (StoreArguments{{}, How::remove, true, {"\\Seen", "$x"}}));
    EXPECT_EQ(read(" (UNCHANGEDSINCE 0) FLAGS ()", &Parser::store_arguments),
              (StoreArguments{0, How::replace, false, {}}));
    for (const auto* bad : {" FLAGS", " FLAGS ", " ++FLAGS x", " FLAGS (x", " FLAGS (\\)", " (X 1) FLAGS ()"})
        EXPECT_FALSE(read(bad, &Parser::store_arguments)) << bad;
}

TEST(Parser, ArgumentsOfOtherCommandsGoRound) {
    const auto goes_round = [](const auto& value, auto production) {
        std::string text;
        put(text, value);
        EXPECT_EQ(read(text, production), value) << text;
    };
    goes_round(StatusArguments{"已发送", {StatusItem::messages, StatusItem::highest_modseq}},
               &Parser::status_arguments);
    goes_round(ListArguments{"", "已*%\""}, &Parser::list_arguments);
    goes_round(ExtendedListArguments{{}, "", {"%"}, {}, false}, &Parser::extended_list_arguments);
    goes_round(ExtendedListArguments{{.subscribed = true, .recursive_match = true},
                                     "a/",
                                     {"已%", "*", ""},
                                     {.children = true, .status = {StatusItem::messages, StatusItem::unseen}},
                                     true},
               &Parser::extended_list_arguments);
    goes_round(SelectArguments{"INBOX", true, {}}, &Parser::select_arguments);
    goes_round(SelectArguments{"a b", true,
                               Resynchronisation{
                                   1, 2, {{n(1), n(7)}}, {{n(3), n(4)}}, {{n(5), n(5)}, {n(9), n(9)}}}},
               &Parser::select_arguments);
    goes_round(SelectArguments{"a", false, Resynchronisation{67890007, INT64_MAX, {}, {}, {}}},
               &Parser::select_arguments);
    goes_round(FetchArguments{{MessageItem::uid}, 5, true, {}}, &Parser::fetch_arguments);
    const AppendText text{AppendText::Form::literal, std::string("From: x\r\n\0\xff", 11)};
    const AppendMessage plain{
        {"\\Seen", "x"}, DateTime{.instant = {}, .zone = std::chrono::minutes(-330)}, false, {text}};
    const AppendText utf8{AppendText::Form::utf8, "\xe9\x9b\x81"};
    const AppendMessage bare{{}, {}, false, {utf8}};
    const AppendMessage joined{
        {},
        {},
        true,
        {AppendUrl{"/a/;UID=1"}, utf8, text, AppendText{AppendText::Form::literal8, {"\0", 1}}}};
    goes_round(AppendArguments{"a b", {plain}}, &Parser::append_arguments);
    goes_round(AppendArguments{"a b", {bare, joined, plain}}, &Parser::append_arguments);
    goes_round(CreateArguments{"a b", {"\\Sent", "\\x"}}, &Parser::create_arguments);
    goes_round(CreateArguments{"a", {}}, &Parser::create_arguments);
    goes_round(FetchArguments{{BinaryItem{{1, 2}, Partial{3, 4}, true}, BinaryItem{}, BinarySizeItem{{7}},
                               MessageItem::preview, MessageItem::thread_id},
                              {},
                              false,
                              PartialRange{1, 30, true}},
               &Parser::fetch_arguments);
    goes_round(IdPairs{{"name", "x"}, {"version", std::nullopt}, {"os", "\xff\r\n"}}, &Parser::id_arguments);
    goes_round(StoreArguments{7, StoreArguments::How::remove, true, {"$a"}}, &Parser::store_arguments);
    goes_round(
        FetchArguments{
            {MessageItem::modseq,
             BodyItem{{{1, 2}, Section::Text::header_fields_not, {"a", "b c"}}, Partial{3, 4}, true}},
            99,
            false,
            PartialRange{500, 1}},
        &Parser::fetch_arguments);
    EXPECT_EQ(read(" NIL", &Parser::id_arguments), IdPairs{});
}

}  // namespace
}  // namespace hongyan::imap::wire
