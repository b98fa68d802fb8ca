#include "session/deflation.h"

#include <gtest/gtest.h>

namespace hongyan::session {
namespace {

std::string read_all(Filter& filter) {
    std::string all;
    for (auto piece = filter.next_piece(); !piece.empty(); piece = filter.next_piece()) all += piece;
    return all;
}

TEST(Deflation, WhatOneSaysTheOtherReadsHoweverItIsCut) {
    const auto here = make_deflation();
    const auto there = make_deflation();
    std::string said;
    for (int i = 0; i < 2000; ++i) said += fmt::format("* {} FETCH (FLAGS (\\Seen))\r\n", i);
    const auto packed = here->outgoing(said);
    EXPECT_LT(packed.size(), said.size() / 3);
    std::string heard;
    for (const auto c : packed) {
        there->receive({&c, 1});
        heard += read_all(*there);
    }
    EXPECT_EQ(heard, said);
    EXPECT_EQ(there->next_piece(), "");
    EXPECT_FALSE(there->is_broken());
}

// RFC 2177: a client that idles waits for each line.
TEST(Deflation, EachThingSaidCanBeReadAtOnce) {
    const auto here = make_deflation();
    const auto there = make_deflation();
    for (const std::string line : {"* 1 EXISTS\r\n", "* 2 EXISTS\r\n", "* 3 EXISTS\r\n"}) {
        there->receive(here->outgoing(line));
        EXPECT_EQ(read_all(*there), line);
    }
    EXPECT_EQ(here->outgoing(""), "");
}

TEST(Deflation, ABombIsReadInPieces) {
    const auto here = make_deflation();
    const auto there = make_deflation();
    const std::string bomb(10'000'000, '\0');
    const auto packed = here->outgoing(bomb);
    EXPECT_LT(packed.size(), 100'000U);
    there->receive(packed);
    std::size_t total = 0;
    for (auto piece = there->next_piece(); !piece.empty(); piece = there->next_piece()) {
        EXPECT_LE(piece.size(), 64U * 1024);
        total += piece.size();
    }
    EXPECT_EQ(total, bomb.size());
}

TEST(Deflation, WhatIsNoDeflateIsNoticed) {
    const auto there = make_deflation();
    there->receive("\xff\xff plain text\r\n");
    EXPECT_EQ(there->next_piece(), "");
    EXPECT_TRUE(there->is_broken());
    there->receive("more");
    EXPECT_EQ(there->next_piece(), "");
}

}  // namespace
}  // namespace hongyan::session
