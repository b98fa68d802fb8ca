#include "message/html_text.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

struct Row {
    std::string_view html;
    std::string_view text;
};

TEST(HtmlText, IsWhatAPersonWouldRead) {
    constexpr Row rows[] = {
        {"plain", "plain"},
        {"<p>one</p><p>two</p>", "one two"},
        {"<td>a</td><td>b</td>", "a b"},
        {"wo<b>r</b>d and <A HREF='x'>link</A>s", "word and links"},
        {"<html><head><title>t</title><style>p{}</style></head><body>text</body>", "text"},
        {"<STYLE>a</b>c</Style >text", "text"},
        {"<script>if (a < b) '</p>'</script>text", "text"},
        {"a<!-- not <b>this</b> -->b", "ab"},
        {"<!DOCTYPE html><?xml?>text", "text"},
        {"1 < 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2"},
        {"&#37325;&#x8981; &eacute;&hellip;", "重要 é…"},
        {"&unknown; &; & &#; &#xzz; &#99999999;", "&unknown; &; & &#; &#xzz; \xef\xbf\xbd"},
        {"a&nbsp;&nbsp;b", "a b"},
        {"text<b", "text"},
        {"<!-- no end", ""},
        {"<head>no end", ""},
        {"text <", "text <"},
    };
    for (const auto& row : rows) EXPECT_EQ(collapse_blanks(html_text(row.html)), row.text) << row.html;
}

TEST(DecodeReferences, MakesCharactersOfThem) {
    constexpr Row rows[] = {
        {"", ""},
        {"a&amp;b&", "a&b&"},
        {"a&#46;b&#0000000046;c&#x2e;d&#46e&#X2E", "a.b.c.d.e."},
        {"http&colon;&sol;&#47;a&period;b", "http://a.b"},
        {"&period &nothing; &#; &#x; &;", "&period &nothing; &#; &#x; &;"},
        {"&#99999999999999999999;", "\xef\xbf\xbd"},
    };
    for (const auto& row : rows) EXPECT_EQ(decode_references(row.html), row.text) << row.html;
}

TEST(LinkTargets, AreReadWhereverTheyCouldStand) {
    const auto targets = [](std::string_view html) {
        std::string all;
        for (const auto& each : link_targets(html, 4)) all += "[" + each + "]";
        return all;
    };
    constexpr Row rows[] = {
        {"", ""},
        {"<a href=\"one\"><img SRC='two' alt=\"no\"/><a\nhref \n= three>", "[one][two][three]"},
        {"<a href=a&#46;b/c?d=e><a href='&quot;'>", "[a.b/c?d=e][\"]"},
        {"<svg xlink:href=\"a\" data-href=\"b\" xhref=\"c\" href>", "[a]"},
        {"<!-- <a title=\" --><a href=\"one\">", "[one]"},
        {"href=\"<a href=\"one\">", "[<a href=][one]"},
        {"href=<a href=one>", "[][one]"},
        {"<a href=\"a\nb\" href='no end", "[a\nb]"},
        {"href=1 href=2 href=3 href=4 href=5", "[1][2][3][4]"},
    };
    for (const auto& row : rows) EXPECT_EQ(targets(row.html), row.text) << row.html;
}

TEST(HtmlText, StopsWhenThereIsEnough) {
    std::string html;
    for (int i = 0; i < 1000; ++i) html += "<p>word";
    EXPECT_LE(html_text(html, 100).size(), 110U);
}

TEST(CollapseBlanks, LeavesOneBlankBetweenWords) {
    constexpr Row rows[] = {
        {" a \r\n\t b ", "a b"},
        {"全\u3000角", "全 角"},
        {"a\u200b\u200c\u00ad\ufeffb", "ab"},
        {"\u00a0\u200c\u00a0", ""},
        {"a\x01\x7f\u00a0 b\u200b c\u200b \u3000", "a b c"},
        {"broken \xff byte", "broken \xff byte"},
    };
    for (const auto& row : rows) EXPECT_EQ(collapse_blanks(row.html), row.text);
}

TEST(CollapseBlanks, CountsCharactersNotBytes) {
    EXPECT_EQ(collapse_blanks("重要 通知", 2), "重要");
    EXPECT_EQ(collapse_blanks("重要 通知", 4), "重要 通");
}

}  // namespace
}  // namespace hongyan::message
