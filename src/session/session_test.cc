#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/dialogue.h"
#include "session/line_reader.h"

namespace hongyan::session {
namespace {

using Kind = Line::Kind;

struct Heard {
    Kind kind;
    std::string text;
    friend bool operator==(const Heard&, const Heard&) = default;
};

// All lines of the text, given in pieces of this size.
std::vector<Heard> lines_of(std::string_view text, std::size_t limit, std::size_t piece) {
    LineReader reader(limit);
    std::vector<Heard> heard;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        reader.append(text.substr(0, piece));
        while (const auto line = reader.next()) heard.push_back({line->kind, std::string(line->text)});
    }
    return heard;
}

TEST(LineReader, LinesDoNotDependOnHowTheBytesWereCut) {
    constexpr std::string_view text =
        "one\r\n\r\ntw\ro\r\nth\nree\r\n\r\r\nexact1\r\ntoo long\r\nfour\r\nnot ended\r";
    const std::vector<Heard> expected{{Kind::whole, "one"},     {Kind::whole, ""},    {Kind::stray, "tw\ro"},
                                      {Kind::stray, "th\nree"}, {Kind::stray, "\r"},  {Kind::whole, "exact1"},
                                      {Kind::too_long, ""},     {Kind::whole, "four"}};
    for (std::size_t piece = 1; piece <= text.size(); ++piece)
        EXPECT_EQ(lines_of(text, 8, piece), expected) << "in pieces of " << piece;
}

TEST(LineReader, AnEndlessLineTakesNoMemory) {
    LineReader reader(100);
    const std::string megabyte(1'000'000, 'x');
    for (int i = 0; i < 100; ++i) {
        reader.append(megabyte);
        EXPECT_FALSE(reader.next());
    }
    reader.append("\r\nnext\r\n");
    EXPECT_EQ(reader.next()->kind, Kind::too_long);
    EXPECT_EQ(reader.next()->text, "next");
    EXPECT_TRUE(reader.empty());
}

TEST(LineReader, CountedBytesMayHoldAnything) {
    LineReader reader(100);
    reader.append("7\r\na\r\nb\r\n");
    EXPECT_EQ(reader.next()->text, "7");
    EXPECT_EQ(reader.take(4), "a\r\nb");
    EXPECT_EQ(reader.next()->text, "");
    EXPECT_EQ(reader.take(10), "");
}

// Says every line again; "TLS" starts it.
class Echo final : public Dialogue<Nothing, Nothing> {
public:
    Echo() : Dialogue(100) {}

private:
    bool advance() override {
        const auto line = input().next();
        if (!line) return false;
        if (line->text == "TLS") start_tls();
        if (line->text == "WRONG") count_mistake();
        say(std::string(line->text) + "!");
        return true;
    }
    void answered(Nothing) override {}
    void became_secure(Security) override { say("secure"); }
    void say_goodbye(Farewell) override { say("goodbye"); }
    Read wish() const override { return {.patience = std::chrono::minutes(5)}; }
};

using Step = Action<Nothing>;

TEST(Dialogue, WhatCameInOnePieceIsAnsweredInOne) {
    Echo echo;
    echo.receive("a\r\nb\r\nc");
    EXPECT_EQ(echo.next(), Step(Write{"a!b!"}));
    EXPECT_EQ(echo.next(), Step(Read{std::chrono::minutes(5)}));
}

TEST(Dialogue, WhatWasSentInPlainTextAfterStartTlsIsForgotten) {
    Echo echo;
    echo.receive("TLS\r\ninjected\r\nhal");
    EXPECT_EQ(echo.next(), Step(Write{"TLS!"}));
    EXPECT_EQ(echo.next(), Step(StartTls{}));
    echo.secured({});
    echo.receive("a\r\n");
    EXPECT_EQ(echo.next(), Step(Write{"securea!"}));
}

TEST(Dialogue, AShutDownLetsTheCommandsThatHaveComeFinish) {
    Echo echo;
    echo.receive("a\r\n");
    echo.shut_down();
    EXPECT_EQ(echo.next(), Step(Write{"a!goodbye"}));
    EXPECT_EQ(echo.next(), Step(Close{}));
}

TEST(Dialogue, TooManyMistakesEndIt) {
    Echo echo;
    for (int i = 0; i < 19; ++i) echo.receive("WRONG\r\n");
    EXPECT_NE(echo.next(), Step(Close{}));
    EXPECT_EQ(echo.next(), Step(Read{std::chrono::minutes(5)}));
    echo.receive("WRONG\r\nmore\r\n");
    EXPECT_EQ(echo.next(), Step(Write{"goodbyeWRONG!"}));
    EXPECT_EQ(echo.next(), Step(Close{}));
}

}  // namespace
}  // namespace hongyan::session
