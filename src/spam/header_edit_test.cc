#include "spam/header_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::spam {
namespace {

constexpr std::string_view text =
    "Received: one\r\n"
    "Subject: hello\r\n"
    "X-A: 1\r\n"
    "no field\r\n"
    "X-A: 2\r\n"
    "\tfolded\r\n"
    "X-A: 3\r\n"
    "\r\n"
    "body\r\n";
constexpr std::string_view ours = "Authentication-Results: mx.test; none\r\n";

// What stands before the message and it, divided by a bar; a message that has not changed is "same".
std::string finished(const HeaderEdit& edit, const std::optional<std::string>& body = {}) {
    const auto edited = edit.finish(body);
    return edited.before + "|" + edited.message.value_or("same");
}

TEST(HeaderEdit, ChangesNothingThatItWasNotAskedTo) {
    const HeaderEdit edit(ours, text);
    EXPECT_EQ(finished(edit), std::string(ours) + "|same");
    EXPECT_EQ(edit.body(), "body\r\n");
    std::string names;
    for (const auto& field : edit.fields()) names += std::string(field.name) + " ";
    EXPECT_EQ(names, "Authentication-Results Received Subject X-A X-A X-A ");
}

TEST(HeaderEdit, PutsNewFieldsAtTheTopWithoutTouchingTheMessage) {
    HeaderEdit edit(ours, text);
    edit.insert(1, "X-Second", "2", LeadingSpace::added);
    edit.insert(0, "X-First", " 1", LeadingSpace::given);
    EXPECT_EQ(finished(edit), "X-First: 1\r\nX-Second: 2\r\n" + std::string(ours) + "|same");
    EXPECT_EQ(edit.value_of("x-second"), "2");
}

TEST(HeaderEdit, InsertsByNumberAndAddsAtTheEnd) {
    HeaderEdit edit({}, "A: 1\r\nno field\r\nB: 2\r\n\r\nbody");
    edit.insert(2, "N", "x", LeadingSpace::added);
    edit.insert(99, "Z", "y", LeadingSpace::added);
    edit.add("End", "z", LeadingSpace::added);
    EXPECT_EQ(finished(edit), "|A: 1\r\nN: x\r\nno field\r\nB: 2\r\nZ: y\r\nEnd: z\r\n\r\nbody");
}

TEST(HeaderEdit, CountsRemovedFieldsAsSendmailDoes) {
    HeaderEdit edit({}, text);
    edit.remove("x-a", 1);
    edit.change("X-A", 2, {}, LeadingSpace::added);
    edit.change("X-A", 3, "three", LeadingSpace::added);
    EXPECT_EQ(finished(edit), "|Received: one\r\nSubject: hello\r\nno field\r\nX-A: three\r\n\r\nbody\r\n");
    EXPECT_EQ(edit.count("X-A"), 3U);
}

TEST(HeaderEdit, RemovesAllOfAName) {
    HeaderEdit edit("X-a: 0\r\n", text);
    edit.add("X-A", "4", LeadingSpace::added);
    edit.remove_all("x-a");
    EXPECT_EQ(finished(edit), "|Received: one\r\nSubject: hello\r\nno field\r\n\r\nbody\r\n");
    EXPECT_EQ(edit.count("X-A"), 5U);
    HeaderEdit ours_only(ours, text);
    ours_only.remove_all("Authentication-Results");
    ours_only.remove_all("X-B");
    EXPECT_EQ(finished(ours_only), "|same");
}

TEST(HeaderEdit, ChangesWhatIsNotThereByAddingIt) {
    HeaderEdit edit({}, "A: 1\r\n\r\n");
    edit.change("B", 1, "2", LeadingSpace::added);
    edit.remove("C", 1);
    EXPECT_EQ(finished(edit), "|A: 1\r\nB: 2\r\n\r\n");
}

TEST(HeaderEdit, LetsNobodyPutInMoreThanOneField) {
    HeaderEdit edit({}, "A: 1\r\n\r\nbody");
    edit.insert(1, "X", "one\nBcc: all@here.test\r\n\r\nbody\n \n\ttwo", LeadingSpace::added);
    EXPECT_EQ(finished(edit), "X: one\r\n\tBcc: all@here.test\r\n\tbody\r\n\ttwo\r\n|same");
}

std::string added(std::string_view name, std::string_view value,
                  message::Headers headers = message::Headers::ascii) {
    HeaderEdit edit({}, {}, headers);
    edit.insert(1, name, value, LeadingSpace::added);
    return edit.finish({}).before;
}

// RFC 5322 §2.1.1: 998 octets and CRLF.
TEST(HeaderEdit, FoldsLinesThatAreTooLong) {
    std::string words;
    for (int i = 0; i < 1'000; ++i) words += fmt::format("w{} ", i);
    const std::string one_word(5'000, 'a');
    for (const auto& value : {words + "end", one_word, std::string(2'000, ' ') + "x", "a\n\tb " + one_word}) {
        const auto field = added("X-Long", value);
        for (std::size_t begin = 0; begin < field.size();) {
            const auto end = field.find("\r\n", begin);
            EXPECT_LE(end - begin, 998U) << value;
            EXPECT_NE(field.find_first_not_of(" \t", begin), end) << "no line of blanks";
            begin = end + 2;
        }
        const auto bare = [](std::string text) {
            std::erase_if(text, [](char c) { return ascii::is_space(c); });
            return text;
        };
        EXPECT_EQ(bare(field), "X-Long:" + bare(value));
        EXPECT_EQ(message::Fields(field).begin()->whole, field) << "one field";
    }
    EXPECT_EQ(added("X", std::string(995, 'a')), "X: " + std::string(995, 'a') + "\r\n");
}

TEST(HeaderEdit, WritesWhatIsBeyondAsciiAsItMayBeSent) {
    struct Row {
        std::string_view name, value, ascii, utf8;
    };
    const Row rows[] = {
        {"X-Note", "a gr\u00fcn b", "a =?UTF-8?B?Z3LDvG4=?= b", "a gr\u00fcn b"},
        {"X-Note", "=?UTF-8?Q?gr=C3=BCn?= x", "=?UTF-8?Q?gr=C3=BCn?= x", "=?UTF-8?Q?gr=C3=BCn?= x"},
        {"To", "\"J\u00f6rg, X\" <ann@here.test>", "=?UTF-8?B?SsO2cmcs?= X <ann@here.test>",
         "\"J\u00f6rg, X\" <ann@here.test>"},
        {"X-Note", "bad \xff\xfe.", "", "bad \ufffd\ufffd."},
    };
    for (const auto& row : rows) {
        const auto plain = added(row.name, row.value);
        if (row.ascii.empty())
            EXPECT_TRUE(ascii::all_ascii(plain)) << plain;
        else
            EXPECT_EQ(plain, fmt::format("{}: {}\r\n", row.name, row.ascii));
        EXPECT_EQ(added(row.name, row.value, message::Headers::utf8),
                  fmt::format("{}: {}\r\n", row.name, row.utf8));
    }
}

TEST(HeaderEdit, PutsAnotherBodyBehindTheHeader) {
    EXPECT_EQ(finished(HeaderEdit({}, text.substr(0, 15)), "new\r\n"), "|Received: one\r\n\r\nnew\r\n");
    EXPECT_EQ(finished(HeaderEdit({}, "A: 1\r\n\r\nold"), ""), "|A: 1\r\n\r\n");
    EXPECT_EQ(finished(HeaderEdit({}, "\r\nold"), "new"), "|\r\nnew");
}

TEST(HeaderEdit, EndsTheLastLineBeforeAddingToIt) {
    HeaderEdit edit({}, "A: 1");
    edit.add("B", "2", LeadingSpace::added);
    EXPECT_EQ(finished(edit), "|A: 1\r\nB: 2\r\n");
}

TEST(HeaderEdit, HidesTheFieldsOfAnEndlessHeader) {
    std::string many;
    for (std::size_t i = 0; i < HeaderEdit::most_fields + 10; ++i) many += fmt::format("A: {}\r\n", i);
    const auto message = many + "\r\nbody";
    HeaderEdit edit({}, message);
    EXPECT_EQ(edit.fields().size(), HeaderEdit::most_fields);
    edit.remove("A", 2);
    edit.add("B", "x", LeadingSpace::added);
    auto expected = many + "B: x\r\n\r\nbody";
    expected.erase(expected.find("A: 1\r\n"), 6);
    EXPECT_TRUE(finished(edit) == "|" + expected);  // too long to be shown
}

}  // namespace
}  // namespace hongyan::spam
