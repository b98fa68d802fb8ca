#include "imap/fuzzy.h"

#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

int score(std::string_view looked_for, std::string_view text) {
    return FuzzyNeedle(looked_for).score_in(message::fold_for_search(text));
}

// RFC 6203 §3: its example.
TEST(Fuzzy, WordsAreFoundInAnyOrderAndWithOtherEndings) {
    EXPECT_EQ(score("IMAP break", "the IMAP breaks"), 100);
    EXPECT_EQ(score("IMAP break", "broken imap"), 45);
    EXPECT_EQ(score("breaking IMAP", "IMAP: breakin' news"), 90);
    EXPECT_EQ(score("IMAP break", "nothing of that"), 0);
    EXPECT_EQ(score("one two three", "three of them"), 0);
    EXPECT_EQ(score("", "anything"), 100);
    EXPECT_EQ(score("?!", "anything"), 0);
}

TEST(Fuzzy, TextWithoutBlanksIsTakenByPairs) {
    EXPECT_EQ(score("会议记录", "上次会议的记录"), 60);
    EXPECT_EQ(score("会", "会议"), 100);
    EXPECT_EQ(score("重要会议", "天气"), 0);
}

}  // namespace
}  // namespace hongyan::imap
