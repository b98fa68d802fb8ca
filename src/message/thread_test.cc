#include "message/thread.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

struct Row {
    std::string_view subject;
    std::string_view base;
    bool is_reply_or_forward;
};

// RFC 5256 §2.1
TEST(BaseSubject, IsWhatIsLeftWithoutTheMarksOfRepliesAndLists) {
    constexpr Row rows[] = {
        {"", "", false},
        {"Hello", "Hello", false},
        {"  two\t  words ", "two words", false},
        {"Re: Hello", "Hello", true},
        {"RE : re:Fw: FWD: Hello", "Hello", true},
        {"Re[2]: Hello", "Hello", true},
        {"Hello (fwd)", "Hello", true},
        {"Hello (fwd) (FWD)  ", "Hello", true},
        {"[list] Hello", "Hello", false},
        {"[list] Re: [list] Hello", "Hello", true},
        {"Re: [a][b] Hello", "Hello", true},
        {"[only a tag]", "[only a tag]", false},
        {"Re: [only a tag]", "[only a tag]", true},
        {"[fwd: Re: Hello]", "Hello", true},
        {"[Fwd: [fwd: Hello (fwd)]]", "Hello", true},
        {"Regarding: Hello", "Regarding: Hello", false},
        {"Re", "Re", false},
        {"Re:", "", true},
        {"[nested [blob]] Hello", "[nested [blob]] Hello", false},
        {"会议 记录", "会议 记录", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(base_subject(row.subject), (BaseSubject{std::string(row.base), row.is_reply_or_forward}))
            << row.subject;
}

TEST(ThreadKey, IsThatOfTheBaseSubject) {
    EXPECT_EQ(thread_key("Re: Hello"), thread_key("HELLO (fwd)"));
    EXPECT_NE(thread_key("Hello"), thread_key("Hallo"));
    EXPECT_EQ(thread_key("Re:"), 0U);
    // Kept on disk: must not change.
    EXPECT_EQ(thread_key("a"), 0xaf63dc4c8601ec8cU);
}

}  // namespace
}  // namespace hongyan::message
