#include "imap/wire/pen.h"

#include <vector>

#include <gtest/gtest.h>

namespace hongyan::imap::wire {
namespace {

// In memory of just the size that is asked for, so that the sanitizers see who writes beyond it.
std::string written(std::string_view text) {
    std::vector<char> memory(room_for(text));
    Pen pen(memory.data());
    pen.string(text);
    return {memory.data(), pen.at()};
}

std::string expected(std::string_view text) {
    bool fits_quotes = text.size() <= longest_quoted;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '\r' || c == '\n' || c == '\0' || static_cast<unsigned char>(c) >= 0x80) fits_quotes = false;
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    if (fits_quotes) return quoted + '"';
    return "{" + std::to_string(text.size()) + "}\r\n" + std::string(text);
}

TEST(Pen, WritesEachCharacterAtEachPlaceOfTextsOfAllSizes) {
    for (std::size_t size = 0; size <= 40; ++size) {
        EXPECT_EQ(written(std::string(size, 'a')), expected(std::string(size, 'a')));
        for (std::size_t at = 0; at < size; ++at)
            for (int c = 0; c < 256; ++c) {
                std::string text(size, c == 'a' ? 'b' : 'a');
                text[at] = static_cast<char>(c);
                ASSERT_EQ(written(text), expected(text)) << c << " at " << at << " of " << size;
            }
    }
}

TEST(Pen, WhatFollowsACharacterThatIsQuotedIsSeenToo) {
    for (const char first : {'"', '\\', '\x7f', '\x1f', '\t'})
        for (const char second : {'"', '\\', '\r', '\0', '\x80', '!', ' ', ']'}) {
            const auto text = std::string(5, 'x') + first + second + "yz";
            EXPECT_EQ(written(text), expected(text));
        }
}

TEST(Pen, LongTextsAreLiterals) {
    for (const auto size : {longest_quoted - 1, longest_quoted, longest_quoted + 1})
        for (const char c : {'a', '"', '\n'})
            EXPECT_EQ(written(std::string(size, c)), expected(std::string(size, c)));
}

TEST(Pen, WritesTheLargestNumber) {
    std::string out = "n ";
    append_in_one(out, room_for_number, [](Pen& pen) { pen.number(UINT64_MAX); });
    EXPECT_EQ(out, "n 18446744073709551615");
}

TEST(Pen, TellsAnEmptyTextAsNilWhereItMay) {
    std::string out;
    append_in_one(out, 100, [](Pen& pen) {
        pen.string_or_nil("");
        pen.put(' ');
        pen.string("");
        pen.put(" (");
        pen.string_or_nil("x");
        pen.put(')');
    });
    EXPECT_EQ(out, R"(NIL "" ("x"))");
}

}  // namespace
}  // namespace hongyan::imap::wire
