#include "imap/threading.h"

#include <chrono>
#include <numeric>

#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

using Ids = std::vector<std::uint32_t>;

struct Letter {
    std::uint32_t id;
    Ids references = {};
    std::uint32_t subject = 0;
    bool is_reply = false;
    std::int64_t sent = 0;  // 0: in the order of the mailbox
};

std::vector<ThreadMessage> messages_of(const std::vector<Letter>& letters) {
    std::vector<ThreadMessage> messages;
    for (const auto& letter : letters)
        messages.push_back(
            {.id = letter.id,
             .references = letter.references,
             .sent = letter.sent != 0 ? letter.sent : static_cast<std::int64_t>(messages.size()) + 1,
             .subject = letter.subject,
             .is_reply = letter.is_reply});
    return messages;
}

std::string names_of(const Threads& threads, std::size_t messages) {
    Ids names(messages);
    std::iota(names.begin(), names.end(), 1U);
    return to_text(threads, names);
}

std::string by_references(const std::vector<Letter>& letters) {
    return names_of(thread_by_references(messages_of(letters), 100), letters.size());
}
std::string by_subject(const std::vector<Letter>& letters) {
    return names_of(thread_by_subject(messages_of(letters)), letters.size());
}

// RFC 5256 §4: its example, as parents and children: 3 is answered by 6, which 4 and 44 answer.
TEST(Threading, IsWrittenAsTheRfcShows) {
    EXPECT_EQ(by_references({{2}, {3}, {6, {3}}, {4, {3, 6}}, {23, {4}}, {44, {6}}, {7, {44}}, {96, {7}}}),
              " (1)(2 3 (4 5)(6 7 8))");
    EXPECT_EQ(by_references({{3, {1}}, {5, {1}}}), " ((1)(2))");
    EXPECT_EQ(by_references({}), "");
}

// RFC 5256 §3, REFERENCES (1)
TEST(Threading, TheLastReferenceIsTheParentWhateverOthersSay) {
    EXPECT_EQ(by_references({{1}, {2}, {3, {1, 2}}, {2, {}}}), " (1 2 3)(4)");
    EXPECT_EQ(by_references({{1}, {3, {1, 2}}, {2}}), " (1)(3 2)");
    EXPECT_EQ(by_references({{9, {1, 2}}, {1}, {2, {1}}}), " (2 3 1)");
    EXPECT_EQ(by_references({{0, {1}}, {0, {1}}, {1}}), " (3 (1)(2))");
}

TEST(Threading, CirclesAreNotClosed) {
    EXPECT_EQ(by_references({{1, {2}}, {2, {1}}}), " (2 1)");
    EXPECT_EQ(by_references({{1, {1}}}), " (1)");
    EXPECT_EQ(by_references({{1, {2, 3, 2, 1}}, {2, {1, 3}}, {3, {2, 1}}}),
              by_references({{1, {2, 3, 2, 1}}, {2, {1, 3}}, {3, {2, 1}}}));
}

// (3): a message that is not here holds its answers together, unless there is but one.
TEST(Threading, MissingMessagesGiveWay) {
    EXPECT_EQ(by_references({{1, {9}}}), " (1)");
    EXPECT_EQ(by_references({{1, {9, 8}}, {2, {9, 8}}}), " ((1)(2))");
    EXPECT_EQ(by_references({{1}, {2, {1, 9}}, {3, {1, 9}}}), " (1 (2)(3))");
}

// (5): subjects join what references do not.
TEST(Threading, EqualSubjectsAreGathered) {
    EXPECT_EQ(by_references({{1, {}, 7, false}, {2, {}, 7, true}}), " (1 2)");
    EXPECT_EQ(by_references({{1, {}, 7, true}, {2, {}, 7, false}}), " (2 1)");
    EXPECT_EQ(by_references({{1, {}, 7, false}, {2, {}, 7, false}}), " ((1)(2))");
    EXPECT_EQ(by_references({{1, {}, 7, true}, {2, {}, 7, true}, {3, {}, 7, true}}), " ((1)(2)(3))");
    EXPECT_EQ(by_references({{1, {9}, 7}, {2, {9}, 7}, {3, {}, 7, true}}), " ((1)(2)(3))");
    EXPECT_EQ(by_references({{1, {9}, 7}, {2, {9}, 7}, {3, {8}, 7}, {4, {8}, 7}}), " ((1)(2)(3)(4))");
    EXPECT_EQ(by_references({{1, {}, 0, false}, {2, {}, 0, true}}), " (1)(2)");
    EXPECT_EQ(by_references({{1, {}, 7, false}, {2, {}, 7, false}, {3, {}, 7, false}}), " ((1)(2)(3))");
}

// (4), (6): by when they were sent; of equals the first in the mailbox.
TEST(Threading, SiblingsStandInTheOrderOfTheirDates) {
    EXPECT_EQ(
        by_references(
            {{1, {}, 0, false, 30}, {2, {}, 0, false, 10}, {3, {1}, 0, false, 5}, {4, {1}, 0, false, 4}}),
        " (2)(1 (4)(3))");
    EXPECT_EQ(by_references({{1, {9}, 0, false, 50}, {2, {9}, 0, false, 10}, {3, {}, 0, false, 20}}),
              " ((2)(1))(3)");
}

// RFC 5256 §3, ORDEREDSUBJECT
TEST(Threading, BySubjectThereAreNoGrandchildren) {
    EXPECT_EQ(by_subject({{1, {}, 5}, {2, {}, 6}, {3, {1}, 5}, {4, {3}, 5}, {5, {}, 6}}), " (1 (3)(4))(2 5)");
    EXPECT_EQ(by_subject({{1, {}, 5, false, 9}, {2, {}, 5, false, 3}, {3, {}, 6, false, 5}}), " (2 1)(3)");
    EXPECT_EQ(by_subject({}), "");
}

// Each answers the one before it: as deep as the mailbox is long, and no deeper a stack.
TEST(Threading, DepthIsOfNoAccount) {
    constexpr std::uint32_t many = 200'000;
    Ids parents(many);
    std::iota(parents.begin(), parents.end(), 1U);
    std::vector<ThreadMessage> messages;
    for (std::uint32_t i = 0; i < many; ++i)
        messages.push_back({.id = i + 1,
                            .references = std::span(parents).subspan(i == 0 ? 0 : i - 1, i == 0 ? 0 : 1),
                            .sent = i});
    Ids names(many);
    std::iota(names.begin(), names.end(), 1U);
    const auto text = to_text(thread_by_references(messages, many + 1), names);
    EXPECT_TRUE(text.starts_with(" (1 2 3 4"));
    EXPECT_TRUE(text.ends_with(" 199999 200000)"));
}

// Chains made up so that every link looks at all its ancestors.
TEST(Threading, MadeUpChainsEndInBoundedTime) {
    constexpr std::uint32_t many = 20'000;
    std::vector<Ids> references;
    for (std::uint32_t i = 0; i < many; ++i) references.push_back({i + 2});
    for (std::uint32_t i = 0; i < many; ++i) references.push_back({1, many + 2 + i, 1});
    std::vector<ThreadMessage> messages;
    for (std::uint32_t i = 0; i < references.size(); ++i)
        messages.push_back({.id = i + 1, .references = references[i], .sent = i});
    const auto threads = thread_by_references(messages, 4 * many);
    EXPECT_FALSE(threads.roots.empty());
}

}  // namespace
}  // namespace hongyan::imap
