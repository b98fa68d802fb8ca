#include "message/seven_bit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "message/composer.h"
#include "message/structure.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string to_seven(std::string_view raw, Content content = Content::lines) {
    const auto recoded = recode(Transport::seven_bit, content, raw);
    return recoded ? *recoded : "refused: " + recoded.error().message;
}

TEST(SevenBit, TextBecomesQuotedPrintableAndSaysSo) {
    EXPECT_EQ(to_seven("From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: 8bit\r\nSubject: x\r\n\r\nsm\xc3\xb8rrebr\xc3\xb8"
                       "d and much more of it for everybody \r\n=\r\n"),
              "From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\nSubject: x\r\n\r\n"
              "sm=C3=B8rrebr=C3=B8d and much more of it for everybody=20\r\n=3D\r\n");
}

TEST(SevenBit, MuchOfItBecomesBase64) {
    EXPECT_EQ(
        to_seven("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\xe4\xbd\xa0\xe5\xa5\xbd\n"),
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: base64\r\n\n5L2g5aW9DQo=\r\n");
}

// RFC 2045 §4, RFC 1428 §3
TEST(SevenBit, AMessageThatIsNoMimeBecomesOne) {
    EXPECT_EQ(to_seven("From: a@b\r\n\r\nabcdefgh \xc3\xa4\r\n"),
              "From: a@b\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n\r\nabcdefgh =C3=A4\r\n");
    EXPECT_THAT(to_seven("From: a@b\r\n\r\nabcdefgh \xe4\r\n"), HasSubstr("charset=unknown-8bit"));
}

constexpr std::string_view mixed =
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: "
    "8bit\r\n\r\n"
    "pre\xe4mble\r\n"
    "--b\r\n\r\nplain  \r\n"
    "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xff\r\n\xfe\r\n"
    "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Subject: inner\r\n\r\ncaf\xc3\xa9 and so on and on\r\n"
    "--b--\r\n\xc3\xa4\r\n";

TEST(SevenBit, OnlyThePartsThatNeedItAreTouched) {
    EXPECT_EQ(to_seven(mixed),
              "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: "
              "7bit\r\n"
              "\r\npre?mble\r\n"
              "--b\r\n\r\nplain  \r\n"
              "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
              "/w0K/g==\r\n\r\n"
              "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
              "Subject: inner\r\nContent-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n\r\ncaf=C3=A9 and so on and on\r\n"
              "--b--\r\n??\r\n");
    EXPECT_EQ(recode(Transport::eight_bit, Content::lines, mixed).value(), mixed) << "8BITMIME carries it";
}

// RFC 3030 §3, RFC 6152 §3: what BODY=BINARYMIME could carry and DATA cannot.
TEST(SevenBit, BinaryContentIsKeptToTheByte) {
    const std::string binary = std::string(
        "MIME-Version: 1.0\r\nContent-Type: image/x\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n\0\n\r\xff",
        83);
    const auto recoded = recode(Transport::eight_bit, Content::binary, binary);
    ASSERT_TRUE(recoded.has_value());
    EXPECT_THAT(*recoded, HasSubstr("Content-Transfer-Encoding: base64\r\n\r\nAAoN/w==\r\n"));
    const auto text = "MIME-Version: 1.0\r\n\r\na\nb\r\n";
    EXPECT_THAT(recode(Transport::eight_bit, Content::binary, text).value(), HasSubstr("YQpiDQo="));
    EXPECT_EQ(recode(Transport::eight_bit, Content::lines, text).value(), text);
}

TEST(SevenBit, LinesThatAreTooLongAreBroken) {
    const auto recoded = to_seven("MIME-Version: 1.0\r\n\r\n" + std::string(999, 'x') + "\r\n");
    EXPECT_THAT(recoded, HasSubstr("quoted-printable"));
    EXPECT_TRUE(fits(Transport::seven_bit, Content::lines, recoded));
}

// A soft line break must not make a boundary of what was none.
TEST(SevenBit, NoBoundaryComesFromBreakingLines) {
    std::string raw = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n";
    raw += std::string(75, 'x') + "--b\r\n\xc3\xa4\r\n--b--\r\n";
    const auto recoded = to_seven(raw);
    EXPECT_EQ(parse(recoded).parts.size(), 2U) << recoded;
}

TEST(SevenBit, WhatWouldBreakIsRefused) {
    const auto refusal = [](std::string_view raw) { return to_seven(raw); };
    EXPECT_THAT(refusal("Subject: \xc3\xa4\r\n\r\nx\r\n"), HasSubstr("refused: a header has 8 bits"));
    EXPECT_THAT(refusal("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\xc3\xa4\r\n--b--\r\n"),
                HasSubstr("refused: a signed part"));
    EXPECT_THAT(refusal("Content-Type: message/partial\r\n\r\n\xc3\xa4\r\n"), HasSubstr("message/partial"));
    EXPECT_THAT(refusal("Content-Type: multipart/mixed\r\n\r\n\xc3\xa4\r\n"), HasSubstr("multipart/mixed"));
    EXPECT_THAT(refusal("Content-Transfer-Encoding: x-uue\r\n\r\n\xc3\xa4\r\n"), HasSubstr("x-uue"));
}

TEST(SevenBit, ASignedPartThatFitsIsKeptAsItIs) {
    const std::string_view raw =
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        "--a\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nsigned  \r\n--b--\r\n"
        "--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xc3\xa4\r\n--a--\r\n";
    const auto recoded = to_seven(raw);
    EXPECT_THAT(recoded, HasSubstr("--b\r\n\r\nsigned  \r\n--b--\r\n"));
    EXPECT_THAT(recoded, Not(HasSubstr("\xc3\xa4")));
}

// RFC 6532 §3.7
TEST(SevenBit, AMessageInUtf8IsEncodedAsAWhole) {
    const std::string_view raw =
        "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        "--a\r\nContent-Type: message/global\r\n\r\nSubject: \xc3\xa4\r\n\r\nx\r\n--a--\r\n";
    const auto recoded = to_seven(raw);
    EXPECT_THAT(recoded, HasSubstr("Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n"));
}

// Over messages of random parts: each holds what it held, and the whole fits.
TEST(SevenBit, KeepsTheContentOfEveryPart) {
    SeededRandom random(7);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random.number() % count); };
    const std::string pieces[] = {"word ", "\xc3\xa4",    "\r\n", "=",    "\xff",
                                  ".",     "--b\xc3\xa4", "\t",   "From "};
    const auto text = [&] {
        std::string out;
        for (auto i = pick(200); i > 0; --i) out += pieces[pick(std::size(pieces))];
        return out;
    };
    constexpr std::string_view types[] = {"text/plain", "text/html; charset=utf-8", "application/pdf",
                                          "image/png"};
    for (int round = 0; round < 200; ++round) {
        std::string raw = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bound\r\n\r\n";
        for (auto parts = pick(5) + 1; parts > 0; --parts)
            raw += fmt::format("--bound\r\nContent-Type: {}\r\n\r\n{}\r\n", types[pick(std::size(types))],
                               text());
        raw += "--bound--\r\n";
        const auto recoded = to_seven(raw);
        ASSERT_TRUE(fits(Transport::seven_bit, Content::lines, recoded)) << recoded;
        const auto before = parse(raw);
        const auto after = parse(recoded);
        ASSERT_EQ(before.parts.size(), after.parts.size());
        for (std::size_t i = 1; i < before.parts.size(); ++i)
            ASSERT_EQ(decoded_body(before.parts[i], raw), decoded_body(after.parts[i], recoded)) << recoded;
    }
}

}  // namespace
}  // namespace hongyan::message
