#include "store/mailbox_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::store {
namespace {

TEST(MailboxName, HasLevelsAndInboxInAnyCase) {
    struct Row {
        std::string_view text, name;
    };
    for (const auto& row : {
             Row{"inbox", "INBOX"},
             Row{"InBox/inbox", "INBOX/inbox"},
             Row{"Work/INBOX", "Work/INBOX"},
             Row{"重要/项目", "重要/项目"},
             Row{"Cafe\u0301", "Caf\u00e9"},
             Row{"100% *", "100% *"},
         })
        EXPECT_EQ(MailboxName::parse(row.text).value().text(), row.name);
}

TEST(MailboxName, RefusesWhatNobodyCouldRead) {
    const std::string_view rows[] = {"",     "/",    "a/",        "/a",           "a//b",
                                     "a\nb", "\xff", "a\xc2\x85", "\xed\xa0\x80", "a\x7f"};
    for (const auto row : rows) EXPECT_FALSE(MailboxName::parse(row)) << testing::PrintToString(row);
    EXPECT_FALSE(MailboxName::parse(std::string(max_level_size + 1, 'a')));
    std::string deep = "a";
    for (std::size_t i = 0; i < max_levels; ++i) deep += "/a";
    EXPECT_FALSE(MailboxName::parse(deep));
}

TEST(MailboxName, ALevelMayNotContainTheSeparator) {
    EXPECT_EQ(MailboxName::parse_level("a b").value(), "a b");
    EXPECT_FALSE(MailboxName::parse_level("a/b"));
}

TEST(MailboxName, ChildrenFollowTheirParent) {
    const auto name = [](std::string_view text) { return MailboxName::parse(text).value(); };
    EXPECT_LT(name("a"), name("a/b"));
    EXPECT_LT(name("a/b"), name("a b"));
    EXPECT_TRUE(name("a/b").is_below(name("a")));
    EXPECT_FALSE(name("ab").is_below(name("a")));
    EXPECT_FALSE(name("a").is_below(name("a")));
}

}  // namespace
}  // namespace hongyan::store
