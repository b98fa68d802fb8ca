#include "message/composer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/date.h"
#include "message/field.h"
#include "message/header_writer.h"
#include "message/structure.h"
#include "message/utf8.h"

namespace hongyan::message {
namespace {

class ComposerTest : public testing::Test {
protected:
    Composer composer(Headers headers = Headers::ascii) {
        return {clock_, random_, *Domain::parse("mx.here.test"), headers};
    }
    static Mailbox person(std::string name, std::string_view address) {
        return {std::move(name), *parse_address(address)};
    }
    static std::string text_of(std::string_view raw, std::string_view field) {
        return decode_header_text(unfolded(header_of(parse(raw).root(), raw), field));
    }
    // Every line of at most 998 octets, ended by CRLF; no CR or LF elsewhere.
    static void expect_clean_lines(std::string_view raw) {
        while (!raw.empty()) {
            const auto end = raw.find("\r\n");
            ASSERT_NE(end, std::string_view::npos);
            EXPECT_LE(end, longest_line);
            EXPECT_FALSE(raw.substr(0, end).contains('\r') || raw.substr(0, end).contains('\n'));
            raw.remove_prefix(end + 2);
        }
    }

    ManualClock clock_;
    SeededRandom random_{1};
};

TEST_F(ComposerTest, AShortMailIsWrittenAsAPersonWould) {
    auto mail = composer();
    mail.mailbox("From", person("Ann Lee", "ann@here.test"))
        .mailbox("To", person("Bob", "bob@there.test"))
        .text("Subject", "Hello");
    EXPECT_EQ(mail.compose(plain_text("How are you?\n")),
              "From: Ann Lee <ann@here.test>\r\n"
              "To: Bob <bob@there.test>\r\n"
              "Subject: Hello\r\n"
              "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "Message-ID: " +
                  mail.message_id() +
                  "\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: 7bit\r\n"
                  "\r\n"
                  "How are you?\r\n");
}

TEST_F(ComposerTest, ChineseGoesThroughAsciiHeadersAndComesBack) {
    auto mail = composer();
    const std::string subject =
        "关于鸿雁邮件系统发布的重要通知：请各位同事于周五之前完成测试并反馈意见 (v1.0)";
    mail.mailbox("From", person("鸿雁传书", "ann@here.test")).text("Subject", subject);
    const auto raw = mail.compose(plain_text("尊敬的用户：\n您好！\n"));
    expect_clean_lines(raw);
    EXPECT_TRUE(is_ascii(raw));
    EXPECT_EQ(text_of(raw, "Subject"), subject);
    EXPECT_EQ(text_of(raw, "From"), "鸿雁传书 <ann@here.test>");
    EXPECT_EQ(decoded_body(parse(raw).root(), raw), "尊敬的用户：\r\n您好！\r\n");
}

TEST_F(ComposerTest, Utf8HeadersAreWrittenAsTheyAre) {
    auto mail = composer(Headers::utf8);
    mail.mailbox("From", person("鸿雁", "鸿雁@例子.测试")).text("Subject", "重要 通知");
    const auto raw = mail.compose(plain_text(""));
    EXPECT_THAT(raw, testing::StartsWith("From: 鸿雁 <鸿雁@例子.测试>\r\nSubject: 重要 通知\r\n"));
}

// RFC 6857 §3.1.8
TEST_F(ComposerTest, AnAddressThatAsciiCannotHoldIsNamedInAnEmptyGroup) {
    auto mail = composer();
    mail.mailbox("To", person("鸿雁", "鸿雁@例子.测试"));
    const auto list = parse_address_list(unfolded(mail.compose(plain_text("")), "To"));
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].kind, ListedAddress::Kind::group_start);
    EXPECT_EQ(display_name(list[0]), "鸿雁 鸿雁@例子.测试");
}

TEST_F(ComposerTest, NoValueCanAddAFieldOrAPart) {
    for (const auto headers : {Headers::ascii, Headers::utf8}) {
        auto mail = composer(headers);
        mail.text("Subject", "a\r\nBcc: evil@x.test\r\n\r\nbody")
            .mailbox("To", person("b\r\nBcc: evil@x.test", "bob@there.test"))
            .structured("X-Note", "c\nBcc: evil@x.test")
            .message_ids("References",
                         std::vector<std::string>{"<a\r\nBcc: x@y>", "<ok@x.test>", "no", "<a b>"});
        const auto raw = mail.compose(
            multipart("mixed", {attachment("d\r\nBcc: x\"; evil=1", "text/x\r\nBcc: y", "--\r\n--=_")}));
        expect_clean_lines(raw);
        const auto structure = parse(raw);
        const auto header = header_of(structure.root(), raw);
        EXPECT_FALSE(Fields(header).find("Bcc"));
        EXPECT_EQ(unfolded(header, "References"), "<ok@x.test>");
        ASSERT_EQ(structure.parts.size(), 2U);
        EXPECT_EQ(attachment_name(structure.parts[1]), "d  Bcc: x\"; evil=1");
        EXPECT_TRUE(structure.parts[1].type.is("application", "octet-stream"));
    }
}

TEST_F(ComposerTest, AttachmentsKeepNameAndBytes) {
    const std::string all_bytes = [] {
        std::string bytes;
        for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(static_cast<std::uint8_t>(i));
        return bytes;
    }();
    const std::string names[] = {
        "report.pdf", "annual report 2026.pdf",       "it's 100% \"ready\"; really\\.txt",
        "附件.docx",  std::string(250, 'a') + ".txt", "=?utf-8?Q?a?=.txt"};
    for (const auto& name : names) {
        auto mail = composer();
        const auto raw = mail.compose(
            multipart("mixed", {plain_text("see there"), attachment(name, "image/png", all_bytes)}));
        expect_clean_lines(raw);
        const auto structure = parse(raw);
        ASSERT_EQ(structure.parts.size(), 3U) << name;
        EXPECT_EQ(attachment_name(structure.parts[2]), name);
        EXPECT_EQ(decoded(structure.parts[2].type.parameters, "name"), name);
        EXPECT_EQ(decoded_body(structure.parts[2], raw), all_bytes);
    }
}

TEST_F(ComposerTest, AVeryLongChineseFileNameIsWrittenInPieces) {
    std::string name;
    for (int i = 0; i < 80; ++i) name += "文件";
    name += ".txt";
    auto mail = composer();
    const auto raw = mail.compose(attachment(name, "text/plain", "x"));
    expect_clean_lines(raw);
    EXPECT_THAT(raw, testing::HasSubstr("filename*1*="));
    EXPECT_EQ(attachment_name(parse(raw).root()), name);
}

TEST_F(ComposerTest, TheEncodingIsTheOneThatCostsLeast) {
    struct Row {
        std::string text;
        std::string_view encoding;
    };
    const Row rows[] = {
        {"plain\n", "7bit"},
        {"Grüße aus dem schönen Köln, wo wir uns lange nicht mehr gesehen haben\n", "quoted-printable"},
        {"尊敬的用户\n", "base64"},
        {std::string(2000, 'x') + "\n", "quoted-printable"},
        {std::string("a\0b", 3), "quoted-printable"}};
    for (const auto& [text, encoding] : rows) {
        auto mail = composer();
        const auto raw = mail.compose(plain_text(text));
        expect_clean_lines(raw);
        EXPECT_EQ(parse(raw).root().transfer_encoding, encoding);
        std::string expected = text;
        if (expected.ends_with('\n')) expected.replace(expected.size() - 1, 1, "\r\n");
        EXPECT_THAT(decoded_body(parse(raw).root(), raw), testing::StartsWith(expected));
    }
}

TEST_F(ComposerTest, BoundariesAreInNoPartEvenIfTheRandomNumbersRepeat) {
    class Constant final : public Random {
    public:
        void fill(std::span<char> out) override { std::ranges::fill(out, '\0'); }
    } constant;
    const std::string zeros = "--=_00000000000000000000000000000000";
    auto mail = Composer(clock_, constant, *Domain::parse("here.test"));
    const auto raw =
        mail.compose(multipart("mixed", {plain_text(zeros + "\r\n" + zeros + ".0--\r\n"),
                                         multipart("alternative", {plain_text("a"), html_text("b")})}));
    const auto structure = parse(raw);
    ASSERT_EQ(structure.parts.size(), 5U);
    EXPECT_EQ(body_of(structure.parts[1], raw), zeros + "\r\n" + zeros + ".0--\r\n");
    EXPECT_EQ(body_of(structure.parts[4], raw), "b");
}

TEST_F(ComposerTest, ABounceHasItsThreeParts) {
    auto mail = composer();
    mail.structured("Auto-Submitted", "auto-replied");
    const auto raw = mail.compose(report(
        "delivery-status",
        {plain_text("Sorry."), content_of("message/delivery-status", "Reporting-MTA: dns; mx.here.test\n"),
         embedded_message("Subject: x\n\nbody\n")}));
    const auto structure = parse(raw);
    const auto& root = structure.root();
    EXPECT_TRUE(root.type.is("multipart", "report"));
    EXPECT_EQ(*find(root.type.parameters, "report-type"), "delivery-status");
    EXPECT_THAT(raw, testing::HasSubstr("Reporting-MTA: dns; mx.here.test\r\n"));
    EXPECT_TRUE(structure.parts[3].is_message());
    EXPECT_EQ(whole_of(structure.parts[3], raw).substr(structure.parts[3].header_size()),
              "Subject: x\r\n\r\nbody\r\n");
}

TEST_F(ComposerTest, FlowedTextIsBrokenAtBlanksAndStuffed) {
    const auto entity =
        plain_text("> quoted\nFrom here\n-- \nname  \n" + std::string(70, 'a') + " bbb ccc", Flow::flowed);
    EXPECT_EQ(entity.content,
              " > quoted\r\n From here\r\n-- \r\nname\r\n" + std::string(70, 'a') + " \r\nbbb ccc");
}

TEST_F(ComposerTest, EveryMessageHasItsOwnId) {
    const auto first = composer().message_id();
    EXPECT_NE(composer().message_id(), first);
    EXPECT_TRUE(first.starts_with('<') && first.ends_with("@mx.here.test>"));
}

TEST(PutField, FoldsAtBlanksAndNeverBeyondTheHardLimit) {
    std::string out;
    put_field(out, "Subject", std::string(60, 'a') + " " + std::string(60, 'b') + "  c");
    EXPECT_EQ(out, "Subject: " + std::string(60, 'a') + "\r\n " + std::string(60, 'b') + "  c\r\n");
    out.clear();
    put_field(out, "X", std::string(3000, 'x'));
    for (std::string_view rest = out; !rest.empty(); rest.remove_prefix(rest.find("\r\n") + 2))
        EXPECT_LE(rest.find("\r\n"), longest_line);
    out.clear();
    put_field(out, "X", "");
    EXPECT_EQ(out, "X:\r\n");
}

}  // namespace
}  // namespace hongyan::message
