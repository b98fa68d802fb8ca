#include "message/text_search.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

struct Row {
    std::string_view needle;
    std::string_view text;
};

TEST(TextSearch, FindsWhatAPersonWouldCallTheSame) {
    constexpr Row rows[] = {
        {"hello", "Say HELLO!"},
        {"重要", "关于重要会议"},
        {"ｈｅｌｌｏ", "hello"},
        {"ﬁ", "FIne"},
        {"fine", "ﬁne"},
        {"É", "caf\u00e9"},
        {"caf\u00e9", "cafe\u0301"},
        {"МИР", "Привет, мир"},
        {"ΣΟΦΌΣ", "σοφός"},
        {"ガ", "ｶﾞ"},
        {"한", "\u1112\u1161\u11ab"},
        {"①", "1"},
        {"ǆ", "Ǆ"},
        {"𐐨", "𐐀"},
        {"e", "é"},
        {"", "anything"},
        {"", ""},
    };
    for (const auto& [needle, text] : rows)
        EXPECT_TRUE(Needle(needle).is_in(text)) << needle << " in " << text;
}

TEST(TextSearch, DoesNotFindWhatIsNotThere) {
    constexpr Row rows[] = {{"会议", "关于重要"}, {"é", "e"}, {"a", ""}, {"会", "\xe4\xbc\x9b"}};
    for (const auto& [needle, text] : rows)
        EXPECT_FALSE(Needle(needle).is_in(text)) << needle << " in " << text;
}

// RFC 5051 §2, the example of step (2)(b), with the z in upper case too.
TEST(TextSearch, ADigraphIsTakenApart) { EXPECT_EQ(fold_for_search("\u01c4"), "DZ\u030c"); }

TEST(TextSearch, FoldingTwiceIsFoldingOnce) {
    for (const auto* text : {"hello", "Ｈéﬁ", "ガ①한", "σς", "重要"})
        EXPECT_EQ(fold_for_search(fold_for_search(text)), fold_for_search(text)) << text;
}

TEST(TextSearch, BrokenUtf8IsNoObstacle) { EXPECT_TRUE(Needle("b").is_in("a\xff\xe4\xb8 b")); }

}  // namespace
}  // namespace hongyan::message
