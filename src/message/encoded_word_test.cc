#include "message/encoded_word.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"
#include "message/charset.h"

namespace hongyan::message {
namespace {

struct Row {
    std::string_view raw;
    std::string_view text;
};

// RFC 2047 §8: what is written, and what a reader shall show.
TEST(EncodedWord, TheExamplesOfRfc2047AreShownAsItSays) {
    constexpr Row rows[] = {
        {"(=?ISO-8859-1?Q?a?=)", "(a)"},
        {"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
        {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
        {"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"},
        {"(=?ISO-8859-1?Q?a?=\r\n   =?ISO-8859-1?Q?b?=)", "(ab)"},
        {"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
        {"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
        {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>"},
        {"=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"},
        {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= "
         "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
         "If you can read this you understand the example."},
        {"=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=", "םולש ןב ילטפנ"},
        {"=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"},  // RFC 2231 §5
    };
    for (const auto& [raw, text] : rows) EXPECT_EQ(decode_header_text(raw), text) << raw;
}

TEST(EncodedWord, RealMailIsReadThoughItBreaksTheRules) {
    constexpr Row rows[] = {
        {"Re:=?gb2312?b?1tDOxA==?=[1]", "Re:中文[1]"},
        {"=?GB2312?B?1tDOxA?=", "中文"},     // no padding
        {"=?gb2312?B?1tDO xA==?=", "中文"},  // a blank inside
        {"=?utf-8?Q?a b c?=", "a b c"},
        {"=?utf-8?q?=e4=b8=ad?=", "中"},  // lower case
        {"=?utf-8?Q?100=?=", "100="},
        {"=?utf-8?Q?=ZZ=4?=", "=ZZ=4"},
        {"=?utf-8?B?5Lit5p?= =?utf-8?B?aH?=", "中文"},      // cut inside a group of four
        {"=?utf-8?B?5A==?= =?utf-8?B?uK3mloc=?=", "中文"},  // cut inside a character
        {"=?utf-8?Q?=E4=B8?=\r\n =?UTF-8?Q?=AD?=", "中"},
        {"=?utf-8?B?5Lg=?= =?utf-8?Q?=AD?=", "中"},
        {"=?gb2312?Q?=D6?= =?gb2312?Q?=D0?=", "中"},
        {"=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"},  // cut while shifted
        {"=?utf-8?Q?"
         "?= x",
         " x"},
        {"=??Q?=D6=D0=CE=C4?=", "中文"},
        {"=?x-unknown?Q?abc?=", "abc"},
        {"=?us-ascii?B?5Lit5paH?=", "中文"},                                   // not ASCII at all
        {"=?gb2312?B?5Lit5paH?=", "中文"},                                     // UTF-8 in truth
        {"\xe4\xb8\xad\xe6\x96\x87", "中文"},                                  // raw UTF-8
        {"\xb9\xd8\xd3\xda\xd5\xd9\xbf\xaa\xbb\xe1\xd2\xe9", "关于召开会议"},  // raw GB 2312
        {"=?utf-8?Q?a=0D=0ABcc:_b?=", "a  Bcc: b"},                            // would forge a line
        {"=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"},
        {"=?utf-8?Q?unfinished =?utf-8?Q?b?=", "=?utf-8?Q?unfinished b"},
        {"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
        {"=?utf 8?Q?abc?=", "=?utf 8?Q?abc?="},
        {"=?=?=?", "=?=?=?"},
        {"=?", "=?"},
        {"", ""},
    };
    for (const auto& [raw, text] : rows) EXPECT_EQ(decode_header_text(raw), text) << raw;
}

TEST(EncodedWord, ASubjectInEveryChineseCharsetIsReadInQAndB) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"GB2312", "关于鸿雁的重要通知"}, {"GBK", "朱镕基、陶喆"},     {"GB18030", "𠮷野家㐀"},
        {"Big5", "關於鴻雁的重要通知"},   {"HZ-GB-2312", "关于通知~"}, {"UTF-8", "关于📧"},
    };
    for (const auto& [charset, text] : rows) {
        const auto bytes = from_utf8(text, charset);
        std::string q;
        for (const char c : bytes) q += fmt::format("={:02X}", static_cast<std::uint8_t>(c));
        EXPECT_EQ(decode_header_text(fmt::format("=?{}?B?{}?=", charset, to_base64(bytes))), text);
        EXPECT_EQ(decode_header_text(fmt::format("=?{}?Q?{}?=", charset, q)), text);
    }
}

TEST(EncodedWord, WordsMayBeCutAtAnyByte) {
    const std::string_view text = "重要会议通知";
    for (const auto* charset : {"GB18030", "UTF-8", "ISO-2022-CN", "HZ-GB-2312"}) {
        const auto bytes = from_utf8(text, charset);
        for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
            const auto raw = fmt::format("=?{0}?B?{1}?=\r\n =?{0}?b?{2}?=", charset,
                                         to_base64(bytes.substr(0, cut)), to_base64(bytes.substr(cut)));
            EXPECT_EQ(decode_header_text(raw), text) << charset << " cut at " << cut;
        }
    }
}

TEST(EncodedWord, StartsWithoutAnEndCostNoMoreThanOneLook) {
    for (const auto* piece : {"=?a?q?", "=?a?q?x", " =?a?q? ", "=?", "=?=", "=?a?b?="}) {
        std::string raw;
        while (raw.size() < 1'000'000) raw += piece;
        decode_header_text(raw);
    }
}

TEST(EncodeHeaderText, PlainTextStaysAndTheRestBecomesTheShorterEncoding) {
    constexpr Row rows[] = {
        {"", ""},
        {"Plain text, with (all) signs!", "Plain text, with (all) signs!"},
        {"中文", "=?UTF-8?B?5Lit5paH?="},
        {"Überraschungsfest", "=?UTF-8?Q?=C3=9Cberraschungsfest?="},
        {"Re: Fahrvergnügen aus Köln am Rhein",
         "Re: =?UTF-8?Q?Fahrvergn=C3=BCgen?= aus =?UTF-8?B?S8O2bG4=?= am Rhein"},
        {"中文 邮件 mail", "=?UTF-8?B?5Lit5paHIOmCruS7tg==?= mail"},
        {" a", "=?UTF-8?Q?_a?="},
        {"a ", "=?UTF-8?Q?a_?="},
        {"a ~{b", "a =?UTF-8?Q?~{b?="},
        {"\x7f", "=?UTF-8?Q?_?="},
        {"a  b c", "=?UTF-8?Q?a__b?= c"},
        {"a=?b", "=?UTF-8?Q?a=3D=3Fb?="},
        {"a\r\nBcc: x", "=?UTF-8?Q?a__Bcc:?= x"},
        {"\xff", "=?UTF-8?B?77+9?="},
    };
    for (const auto& [text, written] : rows) EXPECT_EQ(encode_header_text(text), written) << text;
}

TEST(EncodeHeaderText, APhraseIsAtomsOrQuotedOrEncoded) {
    constexpr Row rows[] = {
        {"Ann Lee", "Ann Lee"},
        {"Ann B. Lee", "\"Ann B. Lee\""},
        {"Lee, Ann \"A\"", "\"Lee, Ann \\\"A\\\"\""},
        {"李安 (Ann)", "=?UTF-8?B?5p2O5a6JIChBbm4p?="},
        {"José Lee", "=?UTF-8?B?Sm9zw6k=?= Lee"},
        {"é,", "=?UTF-8?B?w6ks?="},
        {"Éléonore,", "=?UTF-8?B?w4lsw6lvbm9yZSw=?="},
        {"Vergnügungen,", "=?UTF-8?Q?Vergn=C3=BCgungen=2C?="},
    };
    for (const auto& [text, written] : rows)
        EXPECT_EQ(encode_header_text(text, Context::phrase), written) << text;
}

TEST(EncodeHeaderText, NoWordIsLongerThanItMayBe) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += i % 7 == 0 ? " é" : "中📧";
    for (const std::size_t room : {0U, 30U, 40U, 64U, 75U}) {
        const auto written = encode_header_text(text, Context::unstructured, room);
        bool first = true;
        for (std::string_view rest = written; !rest.empty();) {
            const auto word = rest.substr(0, rest.find(' '));
            EXPECT_LE(word.size(), first ? std::max<std::size_t>(room, 30) : max_encoded_word);
            first = false;
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
        EXPECT_EQ(decode_header_text(written), text);
    }
}

TEST(EncodeHeaderText, WhateverTheTextItReadsBack) {
    EXPECT_TRUE(rc::check(
        "decode(encode(text)) is the text on one line", [](const std::vector<std::uint16_t>& units) {
            std::string text;
            for (const auto unit : units)
                append_utf8(text, unit % 3 == 0 ? unit : U" =?_~{}\"\\ab.,\n"[unit % 14]);
            auto expected = text;
            std::ranges::replace_if(
                expected, [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f; }, ' ');
            RC_ASSERT(decode_header_text(encode_header_text(text)) == expected);
        }));
}

}  // namespace
}  // namespace hongyan::message
