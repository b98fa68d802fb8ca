#include "message/search_text.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

constexpr std::string_view mail =
    "Subject: =?UTF-8?Q?caf=C3=A9?=\r\n"
    "X-Note: one\r\n"
    "x-note: two\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=gb2312\r\n\r\n"
    "\xc4\xe3\xba\xc3\r\n"
    "--b\r\n"
    "Content-Type: application/pdf; name*=UTF-8''na%C3%AFve.pdf\r\n\r\n"
    "%PDF\r\n"
    "--b--\r\n";

std::string_view header() { return mail.substr(0, mail.find("\r\n\r\n") + 4); }

TEST(SearchText, TakesKeptFieldsFromTheSummary) {
    auto summary = summarize(mail);
    EXPECT_EQ(folded_kept_field(summary, "subject"), "CAFE\u0301");
    EXPECT_EQ(folded_kept_field(summary, "X-Note"), std::nullopt);
    EXPECT_EQ(folded_kept_field(summary, "To"), std::nullopt);
    summary.is_truncated = true;
    EXPECT_EQ(folded_kept_field(summary, "Subject"), std::nullopt);
}

TEST(SearchText, JoinsFieldsOfOneName) {
    EXPECT_EQ(folded_field(header(), "X-NOTE"), "ONE\nTWO\n");
    EXPECT_EQ(folded_field(header(), "X-Other"), std::nullopt);
}

TEST(SearchText, HasDecodedTextAndNamesOfAttachments) {
    const auto structure = parse(mail);
    EXPECT_TRUE(folded_header(header(), structure.root()).starts_with("SUBJECT: CAFE\u0301\nX-NOTE: ONE\n"));
    const auto body = folded_body(structure, mail);
    EXPECT_TRUE(body.contains("你好"));
    EXPECT_TRUE(body.contains("NAI\u0308VE.PDF"));
    EXPECT_FALSE(body.contains("%PDF"));
}

}  // namespace
}  // namespace hongyan::message
