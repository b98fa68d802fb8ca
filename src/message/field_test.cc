#include "message/field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

std::string joined(std::string_view header) {
    std::string text;
    for (const auto& field : Fields(header)) text += field.whole;
    return text;
}

TEST(Fields, AreHandedOutFromTopToBottomWithTheirFolding) {
    const std::string_view header =
        "From: ann@here.test\r\nSubject: one\r\n\t two \r\n\r\nbody: no field\r\n";
    std::vector<std::string> found;
    for (const auto& field : Fields(header)) found.push_back(fmt::format("{}|{}", field.name, field.value));
    EXPECT_THAT(found, testing::ElementsAre("From| ann@here.test", "Subject| one\r\n\t two "));
}

TEST(Fields, TolerateBareLineFeedsAndAMissingEnd) {
    const std::string_view header = "A: 1\nB: 2\n b\nC:";
    EXPECT_EQ(joined(header), header);
    EXPECT_EQ(unfolded(header, "b"), "2 b");
    EXPECT_EQ(unfolded(header, "C"), "");
    EXPECT_TRUE(Fields(header).find("c"));
}

// RFC 5322 §4.5: *WSP is allowed between name and colon in the obsolete syntax.
TEST(Fields, TolerateBlanksBeforeTheColon) { EXPECT_EQ(unfolded("Subject \t: hi\r\n\r\n", "Subject"), "hi"); }

TEST(Fields, ReportLinesThatAreNoFieldAndGoOn) {
    const std::string_view header =
        "From ann Mon Jan 1 00:00:00 2024\n>From x\nno colon\nBad name: x\n\xE4: y\n: z\nTo: b\n";
    std::vector<bool> malformed;
    for (const auto& field : Fields(header)) malformed.push_back(field.is_malformed());
    EXPECT_THAT(malformed, testing::ElementsAre(true, true, true, true, true, true, false));
    EXPECT_EQ(joined(header), header);
}

TEST(Fields, OfAnEmptyHeaderAreNone) {
    for (const std::string_view header : {"", "\n", "\r\n", "\r\nA: 1\r\n"})
        EXPECT_TRUE(Fields(header).begin() == std::default_sentinel) << header;
}

TEST(Unfold, TakesOutLineBreaksAndKeepsTheBlanksAfterThem) {
    EXPECT_EQ(unfold(" one\r\n  two\n\tthree \r\n"), "one  two\tthree");
    EXPECT_EQ(unfold(std::string_view(" a\0b\r", 5)), "ab");
}

}  // namespace
}  // namespace hongyan::message
