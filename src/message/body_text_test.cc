#include "message/body_text.h"

#include <gtest/gtest.h>

#include "base/ascii.h"

namespace hongyan::message {
namespace {

// A plain and an HTML alternative, and a text attached.
constexpr std::string_view letter =
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "u+HS6Q==\r\n"
    "--a\r\nContent-Type: text/html\r\n\r\n<p>meeting</p>\r\n"
    "--a--\r\n"
    "--m\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n"
    "--m--\r\n";

TEST(BodyText, ForReadingIsThePlainTextThatIsNoAttachment) {
    EXPECT_EQ(reading_text(parse(letter), letter), "会议");
}

TEST(BodyText, ForSearchingIsEveryTextWithoutMarkup) {
    const auto text = searchable_text(parse(letter), letter);
    for (const auto* word : {"会议", "meeting", "attached"}) EXPECT_TRUE(text.contains(word)) << word;
    EXPECT_FALSE(text.contains("<p>"));
}

TEST(BodyText, OfMailThatHasOnlyHtmlIsItsWords) {
    constexpr std::string_view raw =
        "Content-Type: text/html; charset=utf-8\r\n\r\n<b>你好</b>&nbsp;there\r\n";
    const auto text = reading_text(parse(raw), raw);
    EXPECT_TRUE(text.contains("你好")) << text;
    EXPECT_FALSE(text.contains("<b>")) << text;
}

TEST(BodyText, MayBeEmpty) {
    for (const std::string_view raw : {"", "Subject: x\r\n\r\n", "Content-Type: image/png\r\n\r\nx"})
        EXPECT_EQ(ascii::trim(reading_text(parse(raw), raw)), "");
}

}  // namespace
}  // namespace hongyan::message
