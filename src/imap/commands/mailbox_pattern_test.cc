#include "imap/commands/mailbox_pattern.h"

#include <gtest/gtest.h>

namespace hongyan::imap::commands {
namespace {

TEST(MailboxPattern, WildcardsOfRfc3501Section6_3_8) {
    const struct {
        std::string_view reference, pattern, name;
        bool matches;
    } rows[] = {
        {"", "*", "a/b", true},
        {"", "%", "a", true},
        {"", "%", "a/b", false},
        {"", "%/%", "a/b", true},
        {"a/", "%", "a/b", true},
        {"a/", "/b", "a/b", false},
        {"", "a*c", "a/b/c", true},
        {"", "a%c", "a/c", false},
        {"", "inbox", "INBOX", true},
        {"", "inbox/x", "INBOX/x", true},
        {"", "inboxes", "INBOXes", false},
        {"", "A", "a", false},
        {"", "a", "ab", false},
        {"", "**%%", "x", true},
        {"", "%*", "a/b", true},
        {"", "%%", "a/b", false},
        {"a%", "%", "ab", true},
        {"", "a/*", "a", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(MailboxPattern(row.reference, row.pattern).matches(row.name), row.matches)
            << row.reference << " " << row.pattern << " " << row.name;
}

// As long as a command may be, against as many mailboxes as an account may have.
TEST(MailboxPattern, LongPatternsTakeNoLongerThanShortOnes) {
    std::string wildcards, letters;
    for (int i = 0; i < 60'000; ++i) {
        wildcards += "%*";
        letters += "*a";
    }
    const MailboxPattern all("", wildcards), none("", letters);
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_TRUE(all.matches("Archive/2023/November"));
        ASSERT_FALSE(none.matches("Archive/2023/November"));
    }
}

TEST(MailboxPattern, ManyWildcardsTakeNoLongerThanTheirNumber) {
    std::string pattern, name(1'000, 'a');
    for (int i = 0; i < 200; ++i) pattern += "*a";
    EXPECT_FALSE(MailboxPattern("", pattern + "b").matches(name));
}

}  // namespace
}  // namespace hongyan::imap::commands
