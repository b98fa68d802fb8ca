// The messages of tests/vectors/chinese, read as a person must see them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "message/address.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/structure.h"
#include "message/text_search.h"

namespace hongyan::message {
namespace {

std::string read(std::string_view name) {
    auto raw =
        read_file(std::filesystem::path(SOURCE_ROOT) / "tests/vectors/chinese" / fmt::format("{}.eml", name));
    EXPECT_TRUE(raw) << name;
    return raw.value_or("");
}

struct Row {
    std::string_view file;
    std::string_view sender;
    std::string_view subject;
    std::string_view body;
};

constexpr Row rows[] = {
    {"gb2312", "张伟", "关于召开年度工作会议的通知", "各位同事：\r\n请准时参加会议。\r\n"},
    {"gbk", "朱镕基", "陶喆、李喆的邮件", "囍囧喆，简体与繁體。\r\n"},
    {"gbk_named_gb2312", "朱镕基", "陶喆的邮件", "镕、喆都不在其中。\r\n"},
    {"gb18030_four_bytes", "𠮷野家", "㐀㐁㐂：四字节", "𠀀𠀁㐃ⅷ。\r\n"},
    {"big5", "陳大文", "關於召開年度會議的通知", "各位同事：\r\n請準時參加會議，功成許蓋。\r\n"},
    {"hz", "张伟", "关于 HZ 的通知", "己所不欲，勿施於人。\r\n"},
    {"utf8", "张伟", "鸿雁传书 📧", "云中谁寄锦书来\r\n"},
    {"utf8_raw_header", "张伟", "雁字回时，月满西楼", "一种相思，两处闲愁\r\n"},
    {"gb2312_raw_header", "张伟", "关于召开年度工作会议的通知", "各位同事：\r\n"},
    {"big5_raw_header", "陳大文", "關於召開年度工作會議的通知", "各位同事，大家好：\r\n"},
    {"split_inside_character_gb18030", "张伟", "重要会议通知", "x\r\n"},
    {"split_inside_character_utf8", "张伟", "重要会议通知", "x\r\n"},
    {"misdeclared_ascii", "张伟", "重要会议通知", "今天下午开会，请准时参加。\r\n"},
    {"misdeclared_gb2312", "张伟", "重要会议通知", "今天下午开会，请准时参加。\r\n"},
};

class ChineseMail : public testing::TestWithParam<Row> {};

TEST_P(ChineseMail, IsReadAsItWasMeant) {
    const auto& row = GetParam();
    const auto raw = read(row.file);
    const auto structure = parse(raw);
    const auto& root = structure.root();
    const auto header = header_of(root, raw);
    const auto subject = decode_header_text(unfolded(header, "Subject"));
    EXPECT_EQ(subject, row.subject);
    EXPECT_TRUE(Needle(row.subject.substr(0, 6)).is_in(subject));
    EXPECT_THAT(mailboxes_in(unfolded(header, "From")),
                testing::ElementsAre(testing::Field(&Mailbox::name, row.sender)));
    const auto* charset = find(root.type.parameters, "charset");
    EXPECT_EQ(to_utf8(decoded_body(root, raw), charset != nullptr ? *charset : ""), row.body);
}

INSTANTIATE_TEST_SUITE_P(Vectors, ChineseMail, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.file); });

TEST(ChineseMail, AttachmentNamesAreReadInEveryWayTheyAreWritten) {
    for (const auto* file : {"attachment_rfc2231", "attachment_rfc2231_pieces", "attachment_encoded_word",
                             "attachment_raw", "attachment_name_only"}) {
        const auto raw = read(file);
        const auto structure = parse(raw);
        ASSERT_EQ(structure.parts.size(), 3U) << file;
        EXPECT_EQ(attachment_name(structure.parts[2]), "年度报告（终稿）.docx") << file;
        EXPECT_TRUE(is_attachment(structure, 2)) << file;
    }
}

}  // namespace
}  // namespace hongyan::message
