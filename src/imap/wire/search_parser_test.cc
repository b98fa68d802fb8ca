#include "imap/wire/search_parser.h"

#include <gtest/gtest.h>

#include "imap/wire/search_writer.h"

namespace hongyan::imap::wire {
namespace {

std::optional<SearchArguments> read(std::string_view text) {
    Parser in(text);
    auto arguments = read_search(in);
    return in.complete() ? std::optional(std::move(arguments)) : std::nullopt;
}

TEST(SearchParser, WhatIsReadGoesRound) {
    for (const auto* text : {
             " ALL",
             " FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"",
             " CHARSET UTF-8 TEXT {6}\r\n重要",
             " OR (1:3 UNSEEN) NOT (UID 5,7:* NEW)",
             " KEYWORD $Junk UNKEYWORD x HEADER X-Foo \"\" LARGER 10 SMALLER 20",
             " BEFORE 1-Jan-2020 SENTON \"2-Jan-2020\" SENTSINCE 3-Jan-2020 OLD RECENT DRAFT UNDRAFT",
             " MODSEQ \"/flags/\\\\draft\" all 620162338",
             " MODSEQ 620162338 BCC a CC b TO c BODY d SUBJECT e",
             " RETURN (MIN COUNT) FLAGGED",
             " RETURN () CHARSET UTF-8 OR $ UID $",
             " return (save partial -1:-100 max) OLDER 5 YOUNGER 259200",
             " RETURN (CONTEXT UPDATE RELEVANCY ALL) FUZZY (SUBJECT a FUZZY NOT SEEN) FILTER on-the-road",
             " RETURN (PARTIAL 500:1) SAVEDBEFORE 1-Jan-2020 SAVEDON 2-Jan-2020 SAVEDSINCE 3-Jan-2020",
             " SAVEDATESUPPORTED",
             " EMAILID M1-2 NOT THREADID T0123_x",
             " RETURN (COUNT UPDATE (UID BODY.PEEK[HEADER.FIELDS (To From)]) MAX) FROM boss",
             " UIDAFTER 5 UIDBEFORE 4294967295",
         }) {
        const auto arguments = read(text);
        ASSERT_TRUE(arguments) << text;
        std::string again;
        put(again, *arguments);
        EXPECT_EQ(read(again), arguments) << again;
    }
    for (const auto* bad : {"",
                            " ",
                            " FOO",
                            " NOT",
                            " OR SEEN",
                            " (SEEN",
                            " ()",
                            " KEYWORD",
                            " UID",
                            " LARGER x",
                            " HEADER a",
                            " SINCE 1-Jan",
                            " SEENX",
                            " CHARSET UTF-8",
                            " SEEN ",
                            " MODSEQ \"/x\" 5",
                            " RETURN ALL",
                            " RETURN (FOO) ALL",
                            " RETURN (MIN",
                            " RETURN (ALL PARTIAL 1:2) ALL",
                            " RETURN (PARTIAL 1:-2) ALL",
                            " RETURN (PARTIAL 0:1) ALL",
                            " RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL",
                            " OLDER 0",
                            " FILTER a/b",
                            " FILTER",
                            " FUZZY",
                            " RETURN (MIN)",
                            " RETURN ( MIN) ALL",
                            " $5"})
        EXPECT_FALSE(read(bad)) << bad;
}

TEST(SearchParser, IsBoundedInDepthAndSize) {
    std::string deep, wide;
    for (int i = 0; i < 10'000; ++i) {
        deep += " NOT";
        wide += " SEEN";
    }
    EXPECT_FALSE(read(deep + " SEEN"));
    EXPECT_FALSE(read(wide));
    EXPECT_FALSE(read(" " + std::string(10'000, '(')));
}

}  // namespace
}  // namespace hongyan::imap::wire
