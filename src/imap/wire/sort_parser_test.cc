#include "imap/wire/sort_parser.h"

#include <gtest/gtest.h>

namespace hongyan::imap::wire {
namespace {

template <typename Read>
void expect_round(Read read, std::string_view text) {
    Parser in(text);
    const auto arguments = read(in);
    ASSERT_TRUE(in.complete()) << text << ": " << in.complaint();
    std::string again;
    put(again, arguments);
    Parser second(again);
    EXPECT_EQ(read(second), arguments) << again;
    EXPECT_TRUE(second.complete()) << again;
}
template <typename Read>
void expect_refused(Read read, std::string_view text) {
    Parser in(text);
    read(in);
    EXPECT_FALSE(in.complete()) << text;
}

TEST(SortParser, WhatIsReadGoesRound) {
    for (const auto* text :
         {" (SUBJECT) UTF-8 SINCE 1-Feb-1994", " (SUBJECT REVERSE DATE) UTF-8 ALL",
          " (arrival cc from size to displayfrom reverse displayto) \"US-ASCII\" TEXT \"not in mailbox\"",
          " RETURN (MIN PARTIAL 1:10) (SIZE) UTF-8 $"})
        expect_round(&read_sort, text);
    for (const auto* text : {" REFERENCES UTF-8 SINCE 5-MAR-2000", " orderedsubject us-ascii (SEEN OLD)"})
        expect_round(&read_thread, text);
}

TEST(SortParser, WhatIsNotOfTheGrammarIsRefused) {
    for (const auto* bad :
         {"", " (SUBJECT)", " (SUBJECT) UTF-8", " () UTF-8 ALL", " SUBJECT UTF-8 ALL", " (FOO) UTF-8 ALL",
          " (REVERSE) UTF-8 ALL", " (REVERSE REVERSE DATE) UTF-8 ALL", " (SUBJECT) UTF-8 FOO",
          " (SUBJECT) (UTF-8) ALL", " RETURN (FOO) (DATE) UTF-8 ALL"})
        expect_refused(&read_sort, bad);
    for (const auto* bad :
         {" FOO UTF-8 ALL", " REFERENCES ALL", " REFERENCES UTF-8", " REFERENCES UTF-8 (ALL"})
        expect_refused(&read_thread, bad);
    std::string many = " (DATE";
    for (int i = 0; i < 100; ++i) many += " DATE";
    expect_refused(&read_sort, many + ") UTF-8 ALL");
}

}  // namespace
}  // namespace hongyan::imap::wire
