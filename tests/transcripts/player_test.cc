#include "transcripts/player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "session/dialogue.h"

namespace hongyan::transcripts {
namespace {

struct Ask {
    std::string text;
};
std::string to_text(const Ask& ask) { return "Ask " + ask.text; }

// Asks the world about every line and says what it heard from it.
class Parrot final : public session::Dialogue<Ask, std::string> {
public:
    Parrot() : Dialogue(100) { say("hello\r\n"); }

private:
    bool advance() override {
        const auto line = input().next();
        if (!line) return false;
        if (line->text == "TLS")
            start_tls();
        else if (line->text == "END")
            end();
        else
            ask({std::string(line->text)});
        return true;
    }
    void answered(std::string answer) override { say(answer + "\r\n"); }
    void became_secure(session::Security) override { say("secure\r\n"); }
    void say_goodbye(session::Farewell) override { say("goodbye\r\n"); }
    session::Read wish() const override { return {}; }
};

std::string play(std::string_view text, Cut cut) {
    const auto scripts = parse_scripts(text, "parrot.txt");
    if (!scripts) return scripts.error().message;
    for (const auto& script : *scripts) {
        Parrot parrot;
        Player player(script, parrot, cut,
                      [](const Ask&, std::string_view answer) { return std::string(answer); });
        if (const auto problem = player.play()) return *problem;
    }
    return "";
}

TEST(Player, AConversationThatGoesAsWrittenPasses) {
    constexpr auto text =
        "# Two lines at once, each with its question.\n"
        "S: hello\n"
        "C: one\nC: two\n"
        "?: Ask one\n=: ONE\n?: Ask two\n=: TWO\n"
        "S: ONE\nS: T(...)O\n"
        "C: TLS\n?: StartTls\n=: secured\nS: secure\n"
        "C: END\nX:\n"
        "---\n"
        "S: hello\n!: timed out\nS: goodbye\nX:\n"
        "---\n"
        "S: hello\n!: server shuts down\nS: goodbye\nX:\n";
    EXPECT_EQ(play(text, Cut::whole), "");
    EXPECT_EQ(play(text, Cut::byte_by_byte), "");
}

TEST(Player, AConversationThatDoesNotSaysWhere) {
    struct Row {
        const char* text;
        const char* problem;
    };
    for (const auto& [text, problem] : {
             Row{"S: hullo\n", "parrot.txt:1: played whole\n  - S: hullo\n  + S: hello\n"},
             Row{"S: hello\nS: again\n",
                 "parrot.txt:2: played whole\n  - S: again\n  + the session has said no more\n"},
             Row{"S: hello\nC: one\nS: one\n", "  - S: one\n  + the session has said no more\n"},
             Row{"S: hello\nC: one\n?: Ask two\n", "  - ?: Ask two\n  + the session asks: Ask one\n"},
             Row{"S: hello\nC: END\n", "  - the end\n  + the session closes\n"},
             Row{"S: hello\nX:\n", "  - X: \n  + the session waits for its peer\n"},
             Row{"C: END\nX:\n", "  + the session says more: hello\r\n"},
             Row{"S: hello\nT: END\n", "parrot.txt:2: not a line of a transcript: T: END"},
         })
        EXPECT_THAT(play(text, Cut::whole), testing::HasSubstr(problem)) << text;
}

TEST(Script, EscapesBecomeBytes) {
    const auto scripts = parse_scripts("C: a\\r\\n\\0\\x41\\\\\nc: \\{ab*3}\n", "file");
    ASSERT_TRUE(scripts) << scripts.error().message;
    EXPECT_EQ((*scripts)[0].items[0].text, std::string("a\r\n\0A\\\r\n", 8));
    EXPECT_EQ((*scripts)[0].items[1].text, "ababab");
}

TEST(Script, CircumstancesAreWords) {
    const auto scripts = parse_scripts("with: lmtp, starttls\nX:\n", "file");
    ASSERT_TRUE(scripts);
    EXPECT_THAT((*scripts)[0].with, testing::ElementsAre("lmtp", "starttls"));
}

}  // namespace
}  // namespace hongyan::transcripts
