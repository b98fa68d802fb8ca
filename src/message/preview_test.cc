#include "message/preview.h"

#include <gtest/gtest.h>

#include "message/transfer_encoding.h"

namespace hongyan::message {
namespace {

std::string preview(std::string_view message) { return preview_of(parse(message), message); }

TEST(Preview, IsTheFirstTextOnOneLine) {
    EXPECT_EQ(preview("\r\n Hello\r\n\r\n  world \r\n"), "Hello world");
    EXPECT_EQ(preview("Content-Type: text/html\r\n\r\n<p>one<p>two"), "one two");
    EXPECT_EQ(preview("Content-Type: image/png\r\n\r\nabc"), "");
    EXPECT_EQ(preview("Content-Type: multipart/alternative; boundary=B\n\n"
                      "--B\nContent-Type: text/html\n\nhtml\n--B\nContent-Type: text/plain\n\nplain\n--B--"),
              "plain");
    EXPECT_EQ(preview("Content-Type: text/plain; charset=gb2312\r\n\r\n\xd6\xd8\xd2\xaa"), "重要");
}

TEST(Preview, HasABoundAndWholeCharacters) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "重";
    const auto base64 =
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
        encode_base64(text);
    EXPECT_EQ(preview(base64), text.substr(0, preview_length * 3));
    EXPECT_EQ(preview("\n" + text), text.substr(0, preview_length * 3));
}

TEST(Preview, PassesOverAttachmentsAndMessagesInside) {
    EXPECT_EQ(preview("Content-Type: multipart/mixed; boundary=B\n\n"
                      "--B\nContent-Type: text/plain; name=a.txt\n\nattached\n"
                      "--B\nContent-Type: message/rfc822\n\nSubject: x\n\ninside\n"
                      "--B\nContent-Type: text/html\n\n<p>written\n--B--"),
              "written");
}

}  // namespace
}  // namespace hongyan::message
