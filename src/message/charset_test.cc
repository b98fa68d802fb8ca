#include "message/charset.h"

#include <thread>

#include <gtest/gtest.h>

#include "message/charset_guess.h"

namespace hongyan::message {
namespace {

// The same text in charsets that can write it, made by ICU from the known UTF-8.
struct Written {
    std::string_view charset;
    std::string_view text;
};
constexpr Written written[] = {
    {"GB2312", "鸿雁：重要会议通知"},
    {"GBK", "朱镕基、陶喆的邮件"},
    {"GB18030", "𠮷野家：㐀㐁"},
    {"HZ-GB-2312", "己所不欲，勿施於人。"},
    {"Big5", "鴻雁：重要會議通知"},
    {"Big5-HKSCS", "香港嘅信，喺度"},
    {"EUC-TW", "鴻雁傳書"},
    {"ISO-2022-CN", "鸿雁传书"},
    {"ISO-2022-JP", "日本語のメール①"},
    {"Shift_JIS", "日本語のメール"},
    {"EUC-JP", "日本語のメール"},
    {"EUC-KR", "한국어 메일"},
    {"KS_C_5601-1987", "똠방각하"},
    {"ISO-2022-KR", "한국어 메일"},
    {"KOI8-R", "Привет, мир"},
    {"KOI8-U", "Привіт, світе"},
    {"windows-1251", "Привет, мир"},
    {"windows-1252", "Grüße – für „Ännchen“ 5 €"},
    {"ISO-8859-1", "Grüße"},
    {"ISO-8859-2", "Příliš žluťoučký kůň"},
    {"ISO-8859-15", "Œuvre à 5 €"},
    {"windows-874", "สวัสดี"},
    {"TIS-620", "สวัสดี"},
    {"windows-1253", "Καλημέρα"},
    {"windows-1254", "İyi günler"},
    {"windows-1255", "שלום"},
    {"windows-1256", "مرحبا"},
    {"windows-1258", "Đây là thư"},
    {"UTF-7", "Hi Mom ☺! 中文"},
    {"UTF-16", "中文 mail"},
    {"UTF-16LE", "中文 mail"},
    {"UTF-16BE", "中文 mail"},
    {"UTF-8", "中文 mail 📧"},
};

TEST(Charset, TextOfEveryCharsetGoesRound) {
    for (const auto& [charset, text] : written) {
        const auto bytes = from_utf8(text, charset);
        EXPECT_EQ(to_utf8(bytes, charset), text) << charset;
        EXPECT_EQ(strict_to_utf8(bytes, charset), text) << charset;
    }
}

TEST(Charset, NamesAreTakenAsMailWritesThem) {
    constexpr std::string_view names[] = {"gb2312",      "GB2312",   "\"gb2312\"", "gb2312;", " gb2312 ",
                                          "GB_2312-80",  "cp936",    "x-gbk",      "ms936",   "euc-cn",
                                          "x-euc-cn",    "csGB2312", "gb2312*zh",  "GBK",     "CN-GB",
                                          "windows-936", "chinese",  "charset=gbk"};
    for (const auto name : names) EXPECT_EQ(to_utf8("\xd6\xd0\xce\xc4", name), "中文") << name;
    EXPECT_EQ(to_utf8("+Ti1lhw-", "unicode-1-1-utf-7"), "中文");
    EXPECT_EQ(to_utf8("\x1b$B\x46\x7c\x4b\x5c\x1b(B", "csISO2022JP"), "日本");
    EXPECT_EQ(to_utf8("caf\xe9", "iso8859-1"), "café");
    EXPECT_EQ(to_utf8("\xe4\xb8\xad", "utf8"), "中");
}

// What is under a charset's name is often its superset.
TEST(Charset, ANameIsReadAsTheSupersetThatIsMeant) {
    EXPECT_EQ(to_utf8(from_utf8("朱镕基", "GBK"), "gb2312"), "朱镕基");
    EXPECT_EQ(to_utf8(from_utf8("𠮷野家", "GB18030"), "gbk"), "𠮷野家");
    EXPECT_EQ(to_utf8(from_utf8("喺", "Big5-HKSCS"), "big5"), "喺");
    EXPECT_EQ(to_utf8("\x93quoted\x94", "iso-8859-1"), "“quoted”");
    EXPECT_EQ(to_utf8("\x1b(I1\x1b(B", "iso-2022-jp"), "ｱ");
}

TEST(Charset, AWrongDeclarationIsOverruled) {
    struct Row {
        std::string_view declared;
        std::string_view actual;
        std::string_view text;
    };
    constexpr Row rows[] = {
        {"us-ascii", "UTF-8", "中文"},
        {"", "UTF-8", "é"},
        {"gb2312", "UTF-8", "中文"},
        {"gbk", "UTF-8", "会议通知"},
        {"iso-8859-1", "UTF-8", "会议通知"},
        {"big5", "UTF-8", "會議通知"},
        {"us-ascii", "GB2312", "今天下午开会，请准时参加"},
        {"unknown-8bit", "GB2312", "关于召开工作会议的通知"},
        {"x-unknown", "Big5", "關於召開工作會議的通知"},
        {"none", "Big5", "今天下午開會，請準時參加"},
        {"utf-8", "GB18030", "今天下午开会"},
        {"utf-8", "windows-1252", "Grüße aus Köln"},
        {"", "Shift_JIS", "会議のお知らせです"},
        {"", "EUC-JP", "会議のお知らせです"},
        {"", "EUC-KR", "안녕하세요 회의에 대한 안내입니다"},
        {"", "EUC-KR", "[광고]명품향수&명품화장품"},
        {"", "windows-1251", "Привет, как дела"},
        {"", "KOI8-R", "Привет, как дела"},
        {"", "windows-1252", "déjà vu à l’été"},
        {"us-ascii", "ISO-2022-JP", "日本語"},
        {"", "ISO-2022-KR", "한국어"},
        {"iso-8859-1", "ISO-8859-1", "Grüße"},
    };
    for (const auto& [declared, actual, text] : rows)
        EXPECT_EQ(to_utf8(from_utf8(text, actual), declared), text) << declared << " for " << actual;
    EXPECT_EQ(to_utf8("~{<:Ky2;S{#,NpJ)l6HK!#~}", "us-ascii"), "己所不欲，勿施於人。");
}

TEST(Charset, WhatCannotBeReadIsReplacedAndTheRestKept) {
    EXPECT_EQ(to_utf8("\xd6\xd0\xff", "gb2312"), "中\xef\xbf\xbd");
    EXPECT_EQ(to_utf8("\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad"
                      "\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8",
                      "utf-8"),
              "中文中文中文中文中文\xef\xbf\xbd");
    EXPECT_EQ(to_utf8("", "gb2312"), "");
}

TEST(Charset, TildesOfProgrammersAreNotHz) {
    for (const auto* text : {"~{x~}", "a ~{ b", "~{}~}", "~/.profile ~{1,2}"})
        EXPECT_EQ(to_utf8(text, ""), text);
}

TEST(Charset, Utf16WithoutAMarkIsReadInTheOrderThatMakesSense) {
    const std::string_view little("h\0i\0", 4);
    const std::string_view big("\0h\0i", 4);
    EXPECT_EQ(to_utf8(little, "utf-16"), "hi");
    EXPECT_EQ(to_utf8(big, "utf-16"), "hi");
}

TEST(Charset, AStrictReaderDoesNotGuess) {
    EXPECT_EQ(strict_to_utf8("caf\xe9", "us-ascii"), std::nullopt);
    EXPECT_EQ(strict_to_utf8("caf\xe9", "utf-8"), std::nullopt);
    EXPECT_EQ(strict_to_utf8("\xd6", "gb2312"), std::nullopt);
    EXPECT_EQ(strict_to_utf8("abc", "x-no-such"), std::nullopt);
    EXPECT_EQ(strict_to_utf8("abc", ""), std::nullopt);
    EXPECT_EQ(strict_to_utf8("\xd6\xd0", "gb2312"), "中");
}

TEST(Charset, WhatWeListWeRead) {
    for (const auto name : supported_charsets()) EXPECT_TRUE(is_supported_charset(name)) << name;
    for (const auto* name : {"", "x-unknown", "/etc/passwd", "ISO_2022,locale=ja", "SCSU", "none"})
        EXPECT_FALSE(is_supported_charset(name)) << name;
}

TEST(Charset, EveryThreadHasItsOwnConverters) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([] {
            for (int round = 0; round < 200; ++round)
                for (const auto& [charset, text] : written)
                    ASSERT_EQ(to_utf8(from_utf8(text, charset), charset), text);
        });
    for (auto& thread : threads) thread.join();
}

TEST(Charset, MoreNamesThanAThreadKeepsDoNoHarm) {
    for (int i = 0; i < 300; ++i)
        EXPECT_EQ(to_utf8("\xd6\xd0\xce\xc4 abc", fmt::format("x-{}", i)), "中文 abc");
    EXPECT_EQ(to_utf8("\xd6\xd0", "gbk"), "中");
}

TEST(Charset, LongTextIsConvertedInPieces) {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += i % 3 == 0 ? "𠮷" : "中a";
    EXPECT_EQ(to_utf8(from_utf8(text, "gb18030"), "gb18030"), text);
}

TEST(Utf8, OnlyWhatRfc3629AllowsIsValid) {
    for (const auto* good : {"", "abc", "é", "中", "📧", "\xf4\x8f\xbf\xbf", "\xee\x80\x80", "\xed\x9f\xbf"})
        EXPECT_TRUE(valid_utf8(good)) << good;
    for (const auto* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe4\xb8", "\xe4", "\xff", "a\xe4\xb8 b"}) {
        EXPECT_FALSE(valid_utf8(bad)) << bad;
        EXPECT_FALSE(valid_utf8(std::string(64, 'x') + bad)) << bad;
        EXPECT_TRUE(valid_utf8(replace_invalid_utf8(bad))) << bad;
    }
}

TEST(Utf8, CodePointsGoRound) {
    for (const char32_t point :
         {U'\0', U'a', U'\x7f', U'\x80', U'é', U'中', U'\ufffd', U'📧', U'\U0010ffff'}) {
        std::string out;
        append_utf8(out, point);
        EXPECT_EQ(utf8_character_size(out), out.size());
        EXPECT_EQ(utf8_code_point(out), point);
    }
    std::string surrogate;
    append_utf8(surrogate, 0xd800);
    EXPECT_EQ(surrogate, replacement_character);
}

TEST(Utf8, IsCutBetweenCharacters) {
    const std::string_view text = "a中📧";
    constexpr std::size_t expected[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8};
    for (std::size_t size = 0; size < std::size(expected); ++size)
        EXPECT_EQ(truncate_utf8(text, size), text.substr(0, expected[size])) << size;
}

}  // namespace
}  // namespace hongyan::message
