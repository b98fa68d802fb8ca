#include "message/line_ends.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

TEST(LineEnds, AreToldApart) {
    const std::pair<std::string_view, LineEnds> rows[] = {
        {"", LineEnds::none},           {"no end", LineEnds::none},   {"a\rb", LineEnds::none},
        {"\n", LineEnds::lf},           {"a\nb", LineEnds::lf},       {"a\r\n", LineEnds::crlf},
        {"a\r\nb\nc", LineEnds::mixed}, {"\na\r\n", LineEnds::mixed},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(line_ends(text), expected) << testing::PrintToString(text);
}

TEST(LineEnds, ConversionGoesRound) {
    for (const std::string_view text : {"", "a", "a\n", "\n\n", "a\nb\rc\n\nd"}) {
        EXPECT_EQ(line_ends(to_crlf(text)) == LineEnds::lf, false);
        EXPECT_EQ(to_lf(to_crlf(text)), text) << testing::PrintToString(text);
    }
    EXPECT_EQ(to_crlf("a\nb"), "a\r\nb");
    EXPECT_EQ(to_lf("a\r\nb\r\r\n"), "a\nb\r\n");
}

TEST(LineEnds, AreMadeWholeOfWhateverTheyAre) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"", ""},
        {"a", "a"},
        {"a\r\nb\r\n", "a\r\nb\r\n"},
        {"one\r\ntwo\nthree\rfour", "one\r\ntwo\r\nthree\r\nfour"},
        {"\r\r\n\n\r", "\r\n\r\n\r\n\r\n"},
    };
    for (const auto& [text, expected] : rows)
        EXPECT_EQ(with_crlf_only(text), expected) << testing::PrintToString(text);
}

}  // namespace
}  // namespace hongyan::message
