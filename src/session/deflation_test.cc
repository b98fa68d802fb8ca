#include "session/deflation.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

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

// RFC 8437 §4.1: behind its last line a peer speaks plainly.
struct Ending {
    std::string name;
    int flush;
    int level;
};
// Some lines packed by themselves, as other programs do, and nothing said of the end but by `flush`.
std::string packed_as(const Ending& ending, const std::vector<std::string>& lines) {
    z_stream out{};
    deflateInit2(&out, ending.level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    std::string packed(100'000, '\0');
    out.next_out = reinterpret_cast<Bytef*>(packed.data());
    out.avail_out = static_cast<uInt>(packed.size());
    for (const auto& line : lines) {
        out.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(line.data()));
        out.avail_in = static_cast<uInt>(line.size());
        deflate(&out, &line == &lines.back() ? ending.flush : Z_SYNC_FLUSH);
    }
    packed.resize(packed.size() - out.avail_out);
    deflateEnd(&out);
    return packed;
}

// A session that hears `sent` in two pieces, and takes `last` for the last of the stream: what it finds
// behind it.
std::string behind(std::string_view sent, std::size_t cut, std::string_view last) {
    const auto there = make_deflation();
    std::string heard;
    for (const auto part : {sent.substr(0, cut), sent.substr(cut)}) {
        there->receive(part);
        for (auto piece = std::string("-"); !piece.empty() && !heard.ends_with(last); heard += piece)
            piece = there->next_piece();
        if (!heard.ends_with(last)) continue;
        if (const auto found = there->behind_end()) return *found;
    }
    return there->is_broken() ? "broken" : "nothing";
}

TEST(Deflation, WhatIsBehindTheEndOfAStreamIsFound) {
    const std::vector<Ending> endings{{"flushed", Z_SYNC_FLUSH, 6},   {"fully", Z_FULL_FLUSH, 6},
                                      {"partly", Z_PARTIAL_FLUSH, 6}, {"finished", Z_FINISH, 6},
                                      {"stored", Z_SYNC_FLUSH, 0},    {"stored, finished", Z_FINISH, 0}};
    // Lengths by which the last block ends at each bit of an octet, and a text worth a tree of its own.
    std::vector<std::string> lasts;
    for (std::size_t i = 1; i < 20; ++i) lasts.push_back(std::string(i, 'a') + " UNAUTHENTICATE\r\n");
    lasts.emplace_back();
    for (std::size_t i = 0; i < 3000; ++i) lasts.back() += fmt::format("{} {:x}", i * i, i * 7919);
    lasts.back() += "\r\n";
    for (const auto& ending : endings)
        for (const auto& last : lasts) {
            SCOPED_TRACE(ending.name + " " + last.substr(0, 20));
            const auto packed = packed_as(ending, {"a NOOP\r\n", last});
            const auto sent = packed + "b LOGIN";
            for (auto cut = packed.size() - 9; cut <= packed.size(); ++cut)
                EXPECT_EQ(behind(sent, cut, last), "b LOGIN") << packed.size() - cut;
            EXPECT_EQ(behind(sent, sent.size(), last), "b LOGIN");
        }
}

// As before a session was told of an end, and as it goes on where it was not.
TEST(Deflation, BehindTheEndOfAStreamThereIsNoStream) {
    const auto there = make_deflation();
    there->receive(packed_as({"finished", Z_FINISH, 6}, {"a NOOP\r\n"}));
    EXPECT_EQ(read_all(*there), "a NOOP\r\n");
    EXPECT_FALSE(there->is_broken());
    there->receive("b NOOP\r\n");
    EXPECT_EQ(there->next_piece(), "");
    EXPECT_TRUE(there->is_broken());
}

// So much in the block of the last line that nobody can have meant it is not unpacked to find its end.
TEST(Deflation, TheEndIsNotLookedForBehindABomb) {
    const auto there = make_deflation();
    const auto packed = make_deflation()->outgoing("a NOOP\r\n" + std::string(10'000'000, 'x'));
    there->receive(packed + "b LOGIN");
    EXPECT_TRUE(there->next_piece().starts_with("a NOOP\r\n"));
    EXPECT_EQ(there->behind_end(), std::nullopt);
    EXPECT_TRUE(there->is_broken());
    there->receive("b LOGIN");
    EXPECT_EQ(there->behind_end(), std::nullopt);
}

// What fits into one piece more is passed over.
TEST(Deflation, TheEndIsFoundBehindTheRestOfItsBlock) {
    const auto there = make_deflation();
    const auto packed = make_deflation()->outgoing("a NOOP\r\n" + std::string(100'000, 'x'));
    there->receive(packed + "b LOGIN");
    EXPECT_TRUE(there->next_piece().starts_with("a NOOP\r\n"));
    EXPECT_EQ(there->behind_end(), "b LOGIN");
}

TEST(Deflation, ManySmallBlocksAreReadAsOne) {
    const auto there = make_deflation();
    std::string packed;
    for (int i = 0; i < 10'000; ++i) packed += std::string("\0\0\0\xff\xff", 5);
    there->receive(packed + packed_as({"flushed", Z_SYNC_FLUSH, 6}, {"a NOOP\r\n"}));
    EXPECT_EQ(there->next_piece(), "a NOOP\r\n");
    EXPECT_EQ(there->next_piece(), "");
    EXPECT_FALSE(there->is_broken());
}

}  // namespace
}  // namespace hongyan::session
