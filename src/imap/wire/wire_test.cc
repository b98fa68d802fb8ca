#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imap/wire/command_reader.h"
#include "imap/wire/parser.h"

namespace hongyan::imap::wire {
namespace {

TEST(LiteralMark, StandsAtTheEndOfALine) {
    EXPECT_EQ(literal_mark("a LOGIN {3}"), (LiteralMark{3, true}));
    EXPECT_EQ(literal_mark("a LOGIN {12+}"), (LiteralMark{12, false}));
    for (const char* line : {"", "{}", "{3", "3}", "{3} ", "{-1}", "{3++}", "{99999999999999999999}"})
        EXPECT_FALSE(literal_mark(line)) << line;
}

TEST(CommandReader, GathersLiteralsHoweverTheyAreCut) {
    constexpr std::string_view text = "a LOGIN {3+}\r\na\r\n {0+}\r\n x{2}\r\nyz\r\nb NOOP\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        session::LineReader input(100);
        CommandReader reader(100);
        std::vector<std::string> heard;
        for (auto rest = text; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
            input.append(rest.substr(0, piece));
            for (Gathered gathered{}; (gathered = reader.advance(input)) != Gathered::nothing;)
                heard.emplace_back(gathered == Gathered::continuation ? "+" : reader.command());
        }
        EXPECT_THAT(heard, testing::ElementsAre("+", "a LOGIN {3+}\r\na\r\n {0+}\r\n x{2}\r\nyz", "b NOOP"))
            << "in pieces of " << piece;
    }
}

TEST(Parser, ReadsStringsInEveryForm) {
    struct Row {
        const char* text;
        const char* value;
    };
    for (const auto& [text, value] : {Row{"ann", "ann"}, Row{"a]b", "a]b"}, Row{"\"\"", ""},
                                      Row{"\"a \\\"b\\\\\"", "a \"b\\"}, Row{"{4}\r\na\r\nb", "a\r\nb"}}) {
        Parser in(text);
        EXPECT_EQ(in.astring(), value) << text;
        EXPECT_TRUE(in.complete()) << text;
    }
    for (const char* text : {"", "\"", "\"a", "\"a\\b\"", "{4}\r\nabc", "{4}abcd", "(a)"}) {
        Parser in(text);
        in.astring();
        EXPECT_FALSE(in.complete()) << text;
    }
}

TEST(Parser, StringsGoRound) {
    for (const char* text : {"", "plain", "quo\"te", "back\\slash", "two\r\nlines", "鸿雁"}) {
        const auto token = to_string_token(text);
        Parser in(token);
        EXPECT_EQ(in.string(), text);
        EXPECT_TRUE(in.complete());
    }
}

TEST(Parser, NilIsNoString) {
    Parser in("nil");
    EXPECT_EQ(in.nstring(), std::nullopt);
    EXPECT_TRUE(in.complete());
}

}  // namespace
}  // namespace hongyan::imap::wire
