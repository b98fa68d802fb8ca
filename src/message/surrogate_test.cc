#include "message/surrogate.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "message/field.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

struct Row {
    std::string_view header, expected;
};

TEST(Surrogate, HeaderFieldsBeyondAsciiAreReplacedOrLeftOut) {
    const Row rows[] = {
        // Without, a field stays as it is.
        {"subject : =?utf-8?B?5aSn?=\r\n\tand more\r\n", "subject : =?utf-8?B?5aSn?=\r\n\tand more\r\n"},
        // RFC 6858 §2.1
        {"From: 大雁 <雁@例子.中国>\r\n",
         "From: =?UTF-8?B?5aSn6ZuBIOmbgUDkvovlrZAu5Lit5Zu9?=\r\n "
         "<invalid@internationalized-address.invalid>\r\n"},
        {"To: 雁@example.com, Ann <ann@example.com>\r\n",
         "To: =?UTF-8?B?6ZuBQGV4YW1wbGUuY29t?=\r\n <invalid@internationalized-address.invalid>, Ann "
         "<ann@example.com>\r\n"},
        {"Cc: 大雁 <\"a b\"@example.com>\r\n", "Cc: =?UTF-8?B?5aSn6ZuB?= <\"a b\"@example.com>\r\n"},
        {"Bcc: 大: a@b.c, 雁 <c@d.e>;\r\n", "Bcc: =?UTF-8?B?5aSn?=: <a@b.c>, =?UTF-8?B?6ZuB?= <c@d.e>;\r\n"},
        // RFC 6858 §2.2
        {"Content-Disposition: attachment; filename=大.pdf\r\n", "Content-Disposition: attachment\r\n"},
        {"Content-Type: a/b; x=\"大;\";\r\n y=1 (雁;); z=\"2;\"\r\n", "Content-Type: a/b; z=\"2;\"\r\n"},
        {"Content-Type: 大/b; x=1\r\n", ""},
        // RFC 6858 §2.3; GB18030 is guessed.
        {"Subject: 大\r\n 雁 flies\r\n", "Subject: =?UTF-8?B?5aSnIOmbgQ==?= flies\r\n"},
        {"Subject: \xd6\xd0\xb9\xfa\xc8\xcb\xc3\xf1\r\n", "Subject: =?UTF-8?B?5Lit5Zu95Lq65rCR?=\r\n"},
        // RFC 6858 §2.4
        {"X-A: 大\r\nX-B: b\r\n大: c\r\n大\r\nX-D: d\r\n", "X-B: b\r\nX-D: d\r\n"},
        {"Message-ID: <大@a>\r\n\r\n", "\r\n"},
    };
    for (const auto& row : rows) EXPECT_EQ(surrogate_header(row.header), row.expected) << row.header;
}

TEST(Surrogate, HeadersOfPartsAndOfMessagesInsideAreReplacedAndBodiesStay) {
    const std::string_view raw =
        "Subject: one\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n前\r\n"
        "--x\r\nContent-Type: text/plain; name=大; charset=utf-8\r\n\r\n大\r\n"
        "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: 雁\r\n\r\n雁\r\n"
        "--x--\r\n后\r\n";
    const std::string_view expected =
        "Subject: one\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n前\r\n"
        "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n大\r\n"
        "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?UTF-8?B?6ZuB?=\r\n\r\n雁\r\n"
        "--x--\r\n后\r\n";
    const auto structure = parse(raw);
    ASSERT_TRUE(needs_surrogate(raw, structure));
    EXPECT_EQ(surrogate(raw, structure), expected);
    EXPECT_FALSE(needs_surrogate(expected, parse(expected)));
    EXPECT_FALSE(needs_surrogate("A: b\r\n\r\n大\r\n", parse("A: b\r\n\r\n大\r\n")));
}

// Whatever the bytes, what comes out has no need of it, and long lists and lines are done in good time.
TEST(Surrogate, NothingIsBeyondAsciiAnyMore) {
    std::string list = "To: ";
    for (int i = 0; i < 20'000; ++i) list += "雁 <a@例子.中国>,\r\n ";
    for (const auto& header :
         {list + "\r\n", std::string("Subject: ") + std::string(200'000, '\xff') + "\r\n",
          std::string("From: \"\xff\\\r\n"), std::string("Content-Type: \"((((;\xff"),
          std::string("\xff\r\n \xff\n\n")}) {
        const auto made = surrogate_header(header);
        EXPECT_TRUE(is_ascii(made)) << made.substr(0, 100);
        for (std::size_t at = 0, end = 0; at < made.size(); at = end) {
            end = line_end(made, at);
            EXPECT_LE(end - at, 1000U);
        }
    }
}

}  // namespace
}  // namespace hongyan::message
