#include "message/structure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

// Mail as it travels: the tests write LF, and look at both ways of ending a line.
std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

// "multipart/mixed(text/plain, message/rfc822(text/html))"
std::string outline(const Structure& structure, Part::Index index = 0) {
    const auto& part = structure.parts[index];
    std::string text = fmt::format("{}/{}", part.type.type, part.type.subtype);
    std::vector<std::string> children;
    for (const auto child : structure.children(index)) children.push_back(outline(structure, child));
    return children.empty() ? text : fmt::format("{}({})", text, fmt::join(children, ", "));
}
std::string outline(std::string_view raw) { return outline(parse(raw)); }

// The bodies of all leaves, in order.
std::vector<std::string> leaves(std::string_view raw) {
    std::vector<std::string> bodies;
    for (const auto& part : parse(raw).parts)
        if (part.first_child == Part::none) bodies.emplace_back(body_of(part, raw));
    return bodies;
}

using testing::ElementsAre;
using namespace std::string_literals;

TEST(Structure, OfAPlainMessageIsOnePart) {
    const std::string_view raw = "From: a@here.test\r\nSubject: hi\r\n\r\nHello\r\nworld\r\n";
    const auto structure = parse(raw);
    ASSERT_EQ(structure.parts.size(), 1U);
    const auto& root = structure.root();
    EXPECT_TRUE(root.type.is("text", "plain"));
    EXPECT_EQ(header_of(root, raw), "From: a@here.test\r\nSubject: hi\r\n\r\n");
    EXPECT_EQ(body_of(root, raw), "Hello\r\nworld\r\n");
    EXPECT_EQ(root.lines, 2U);
}

// RFC 2046 §5.1.1, the example with preamble, implicitly and explicitly typed parts, and epilogue.
constexpr std::string_view rfc2046_simple =
    "From: Nathaniel Borenstein <nsb@bellcore.com>\n"
    "MIME-Version: 1.0\n"
    "Content-type: multipart/mixed; boundary=\"simple boundary\"\n"
    "\n"
    "This is the preamble.  It is to be ignored.\n"
    "\n"
    "--simple boundary\n"
    "\n"
    "This is implicitly typed plain US-ASCII text.\n"
    "It does NOT end with a linebreak.\n"
    "--simple boundary\n"
    "Content-type: text/plain; charset=us-ascii\n"
    "\n"
    "This is explicitly typed plain US-ASCII text.\n"
    "It DOES end with a linebreak.\n"
    "\n"
    "--simple boundary--\n"
    "\n"
    "This is the epilogue.  It is also to be ignored.\n";

TEST(Structure, OfTheSimpleMultipartOfRfc2046IsAsItSays) {
    EXPECT_EQ(outline(rfc2046_simple), "multipart/mixed(text/plain, text/plain)");
    EXPECT_THAT(
        leaves(rfc2046_simple),
        ElementsAre("This is implicitly typed plain US-ASCII text.\nIt does NOT end with a linebreak.",
                    "This is explicitly typed plain US-ASCII text.\nIt DOES end with a linebreak.\n"));
    const auto structure = parse(rfc2046_simple);
    EXPECT_EQ(structure.parts[1].lines, 1U);
    EXPECT_EQ(structure.parts[2].lines, 2U);
    EXPECT_EQ(header_of(structure.parts[1], rfc2046_simple), "\n");
    EXPECT_EQ(structure.root().end, rfc2046_simple.size());
}

TEST(Structure, IsTheSameWithEitherLineEnd) {
    const auto raw = with_crlf(rfc2046_simple);
    EXPECT_EQ(outline(raw), outline(rfc2046_simple));
    EXPECT_THAT(leaves(raw),
                ElementsAre(with_crlf(leaves(rfc2046_simple)[0]), with_crlf(leaves(rfc2046_simple)[1])));
    EXPECT_EQ(parse(raw).parts[2].lines, 2U);
}

// RFC 2049 appendix A, shortened: nested multiparts, external bodies and a message inside.
TEST(Structure, OfTheComplexExampleOfRfc2049IsAsItSays) {
    const auto raw = with_crlf(
        "MIME-Version: 1.0\n"
        "From: Nathaniel Borenstein <nsb@nsb.fv.com>\n"
        "Content-Type: multipart/mixed;\n"
        "              boundary=unique-boundary-1\n"
        "\n"
        "This is the preamble area of a multipart message.\n"
        "\n"
        "--unique-boundary-1\n"
        "\n"
        "  ... Some text appears here ...\n"
        "\n"
        "--unique-boundary-1\n"
        "Content-type: text/plain; charset=US-ASCII\n"
        "\n"
        "This could have been part of the previous part, but\n"
        "illustrates explicit versus implicit typing of body parts.\n"
        "\n"
        "--unique-boundary-1\n"
        "Content-Type: multipart/parallel; boundary=unique-boundary-2\n"
        "\n"
        "--unique-boundary-2\n"
        "Content-Type: audio/basic\n"
        "Content-Transfer-Encoding: base64\n"
        "\n"
        "  ... base64-encoded 8000 Hz single-channel mu-law-format audio data goes here ...\n"
        "\n"
        "--unique-boundary-2\n"
        "Content-Type: image/jpeg\n"
        "Content-Transfer-Encoding: base64\n"
        "\n"
        "  ... base64-encoded image data goes here ...\n"
        "\n"
        "--unique-boundary-2--\n"
        "\n"
        "--unique-boundary-1\n"
        "Content-type: text/enriched\n"
        "\n"
        "This is <bold><italic>enriched.</italic></bold>\n"
        "\n"
        "--unique-boundary-1\n"
        "Content-Type: message/rfc822\n"
        "\n"
        "From: (mailbox in US-ASCII)\n"
        "To: (address in US-ASCII)\n"
        "Subject: (subject in US-ASCII)\n"
        "Content-Type: Text/plain; charset=ISO-8859-1\n"
        "Content-Transfer-Encoding: Quoted-printable\n"
        "\n"
        "  ... Additional text in ISO-8859-1 goes here ...\n"
        "\n"
        "--unique-boundary-1--\n");
    EXPECT_EQ(outline(raw),
              "multipart/mixed(text/plain, text/plain, multipart/parallel(audio/basic, image/jpeg), "
              "text/enriched, message/rfc822(text/plain))");
    const auto structure = parse(raw);
    const auto& inner = structure.parts.back();
    EXPECT_EQ(inner.transfer_encoding, "quoted-printable");
    EXPECT_EQ(body_of(inner, raw), "  ... Additional text in ISO-8859-1 goes here ...\r\n");
    const auto& outer = structure.parts[inner.parent];
    EXPECT_TRUE(outer.is_message());
    EXPECT_EQ(body_of(outer, raw), whole_of(inner, raw));
    EXPECT_EQ(outer.lines, 7U);
}

// RFC 2046 §5.1.5: in a digest the default type is message/rfc822.
TEST(Structure, OfADigestHoldsMessagesByDefault) {
    EXPECT_EQ(outline("Content-Type: multipart/digest; boundary=\"-- n\"\n\n"
                      "---- n\n\nFrom: a\nSubject: 1\n\n1\n"
                      "---- n\nContent-Type: text/plain\n\n2\n"
                      "---- n\n\nSubject: 3\nContent-Type: text/html\n\n3\n---- n--\n"),
              "multipart/digest(message/rfc822(text/plain), text/plain, message/rfc822(text/html))");
}

TEST(Structure, KeepsTheFieldsOfEveryPart) {
    const auto structure = parse(
        "Content-Type: image/png; name=\"a.png\"\nContent-Transfer-Encoding: BASE64 (yes)\n"
        "Content-ID: <1@here>\nContent-Description: a\n picture\nContent-Disposition: inline; "
        "filename=b.png\n"
        "Content-Language: en, zh-CN\nContent-Location: http://here/a.png\nContent-MD5: abc==\n"
        "Content-Type: text/plain\n\n");
    const auto& part = structure.root();
    EXPECT_TRUE(part.type.is("image", "png"));
    EXPECT_EQ(part.transfer_encoding, "base64");
    EXPECT_EQ(part.id, "<1@here>");
    EXPECT_EQ(part.description, "a picture");
    EXPECT_EQ(part.disposition->type, "inline");
    EXPECT_THAT(part.languages, ElementsAre("en", "zh-CN"));
    EXPECT_EQ(part.location, "http://here/a.png");
    EXPECT_EQ(part.md5, "abc==");
    EXPECT_EQ(attachment_name(part), "b.png");
}

struct Torture {
    std::string_view what;
    std::string_view raw;
    std::string_view outline;
    std::vector<std::string> leaves;
};

TEST(Structure, IsFoundInWhatIsReallySent) {
    const std::string_view mixed = "Content-Type: multipart/mixed; boundary=B\n\n";
    const auto in_mixed = [&](std::string_view body) { return std::string(mixed) + std::string(body); };
    const std::string no_end = in_mixed("--B\n\nlast");
    const std::string no_part = in_mixed("only a preamble\n");
    const std::string ends_at_once = in_mixed("--B--\n");
    const std::string adjacent = in_mixed("--B\n--B\n--B--\n");
    const std::string no_header = in_mixed("--B\nno header here\n\nat all\n--B--");
    const std::string cut_header = in_mixed("--B\nContent-Type: text/html\n--B\n\nx\n--B--");
    const std::string cut_inside = in_mixed(
        "--B\nContent-Type: multipart/mixed; boundary=C\n\n--C\nContent-Type: text/html\n--B\n\nx\n--B--");
    const std::string padded = in_mixed("--B \t\n\n1\n--B-- \nepilogue\n--B\n\nnone\n");
    const std::string longer = in_mixed("--B\n\n--Bx\n--\n-- \n--B-\n --B\n--b\n--B--");
    const std::string mixed_breaks = in_mixed("--B\r\n\r\n1\r\n--B\n\n2\n--B--\r\n");
    const std::string nested_prefix = in_mixed(
        "--B\nContent-Type: multipart/alternative; "
        "boundary=Bx\n\n--Bx\n\n1\n--Bx\n\n2\n--Bx--\n--B\n\n3\n--B--");
    const std::string ends_with_dashes = in_mixed(
        "--B\nContent-Type: multipart/alternative; boundary=\"B--\"\n\n--B--\n\n1\n--B----\n--B\n\n2\n--B--");
    const std::string same_boundary =
        in_mixed("--B\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\n1\n--B--\n--B\n\n2\n--B--");
    const std::string inner_unclosed = in_mixed(
        "--B\nContent-Type: multipart/mixed; boundary=C\n\n--C\n\n1\n--B\n\n2\n--C\nnot a boundary any "
        "more\n--B--");

    const Torture rows[] = {
        {"nothing", "", "text/plain", {""}},
        {"one byte", "x", "text/plain", {"x"}},
        {"an empty line", "\r\n", "text/plain", {""}},
        {"no header", "just words\nin lines\n", "text/plain", {"just words\nin lines\n"}},
        {"no body", "Subject: x\n", "text/plain", {""}},
        {"From_ line", "From a Mon Jan 1 00:00:00 2024\nContent-Type: a/b\n\nx", "a/b", {"x"}},
        {"quoted From_ line", ">From a Mon\nContent-Type: a/b\n\nx", "a/b", {"x"}},
        {"no header and a line that begins so",
         "From here\nto there\n\nx",
         "text/plain",
         {"From here\nto there\n\nx"}},
        {"byte order mark", "\xEF\xBB\xBFX: y\nContent-Type: a/b\n\nx", "a/b", {"x"}},
        {"junk between fields", "A: b\njunk\nContent-Type: a/b\n\nx", "a/b", {"x"}},
        {"obsolete spacing", "Content-Type : a/b\n\nx", "a/b", {"x"}},
        {"type without subtype", "Content-Type: text\n\nx", "text/plain", {"x"}},
        {"multipart without boundary",
         "Content-Type: multipart/mixed\n\n--B\n\nx",
         "multipart/mixed",
         {"--B\n\nx"}},
        {"empty boundary",
         "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx",
         "multipart/mixed",
         {"--\n\nx"}},
        {"boundary in pieces",
         "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\n\nx",
         "multipart/mixed(text/plain)",
         {"x"}},
        {"no final boundary", no_end, "multipart/mixed(text/plain)", {"last"}},
        {"no boundary in the body", no_part, "multipart/mixed", {"only a preamble\n"}},
        {"only the final boundary", ends_at_once, "multipart/mixed", {"--B--\n"}},
        {"adjacent boundaries", adjacent, "multipart/mixed(text/plain, text/plain)", {"", ""}},
        {"part without header", no_header, "multipart/mixed(text/plain)", {"no header here\n\nat all"}},
        {"header cut off", cut_header, "multipart/mixed(text/html, text/plain)", {"", "x"}},
        {"header cut off by the boundary outside",
         cut_inside,
         "multipart/mixed(multipart/mixed(text/html), text/plain)",
         {"", "x"}},
        {"padding behind boundaries", padded, "multipart/mixed(text/plain)", {"1"}},
        {"lines that only look like boundaries",
         longer,
         "multipart/mixed(text/plain)",
         {"--Bx\n--\n-- \n--B-\n --B\n--b"}},
        {"mixed line ends", mixed_breaks, "multipart/mixed(text/plain, text/plain)", {"1", "2"}},
        {"boundary that begins another",
         nested_prefix,
         "multipart/mixed(multipart/alternative(text/plain, text/plain), text/plain)",
         {"1", "2", "3"}},
        {"boundary that ends with dashes",
         ends_with_dashes,
         "multipart/mixed(multipart/alternative(text/plain), text/plain)",
         {"1", "2"}},
        {"the same boundary inside",
         same_boundary,
         "multipart/mixed(multipart/mixed(text/plain), text/plain)",
         {"1", "2"}},
        {"inner multipart without end",
         inner_unclosed,
         "multipart/mixed(multipart/mixed(text/plain), text/plain)",
         {"1", "2\n--C\nnot a boundary any more"}},
        {"message without body", "Content-Type: message/rfc822\n\n", "message/rfc822(text/plain)", {""}},
        {"global message",
         "Content-Type: message/global\n\nContent-Type: a/b\n\nx",
         "message/global(a/b)",
         {"x"}},
        {"encoded message",
         "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg==",
         "message/rfc822",
         {"QTogYg=="}},
        {"partial message",
         "Content-Type: message/partial; number=1\n\nA: b\n\nx",
         "message/partial",
         {"A: b\n\nx"}},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(outline(row.raw), row.outline) << row.what;
        EXPECT_TRUE(is_consistent(parse(row.raw), row.raw.size())) << row.what;
        EXPECT_EQ(leaves(row.raw), row.leaves) << row.what;
    }
}

TEST(Structure, ToleratesNuls) {
    const auto raw = "Content-Type: multipart/mixed; boundary=B\n\n--B\n\na\0b\n--B\0\n--B--"s;
    EXPECT_THAT(leaves(raw), ElementsAre("a\0b\n--B\0"s));
}

// RFC 9051 §6.4.5.1, the example of part numbers.
TEST(Structure, NumbersPartsAsImapDoes) {
    const std::string_view raw =
        "Content-Type: multipart/mixed; boundary=A\n\n"
        "--A\n\n1\n"
        "--A\nContent-Type: application/octet-stream\n\n2\n"
        "--A\nContent-Type: message/rfc822\n\nSubject: 3\nContent-Type: multipart/mixed; boundary=B\n\n"
        "--B\n\n3.1\n--B\nContent-Type: a/b\n\n3.2\n--B--\n"
        "--A\nContent-Type: multipart/mixed; boundary=C\n\n"
        "--C\nContent-Type: image/gif\n\n4.1\n"
        "--C\nContent-Type: message/rfc822\n\nSubject: 4.2\nContent-Type: text/x\n\n4.2.1\n--C--\n"
        "--A--\n";
    const auto structure = parse(raw);
    const auto body = [&](std::vector<std::uint32_t> path) -> std::string {
        const auto part = structure.at(path);
        return part ? std::string(body_of(structure.parts[*part], raw)) : "none";
    };
    EXPECT_EQ(body({1}), "1");
    EXPECT_EQ(body({2}), "2");
    EXPECT_TRUE(body({3}).starts_with("Subject: 3\n"));
    EXPECT_EQ(body({3, 1}), "3.1");
    EXPECT_EQ(body({3, 2}), "3.2");
    EXPECT_EQ(body({4, 1}), "4.1");
    EXPECT_TRUE(body({4, 2}).starts_with("Subject: 4.2\n"));
    EXPECT_EQ(body({4, 2, 1}), "4.2.1");
    for (const auto& path : {std::vector<std::uint32_t>{0}, {5}, {1, 1}, {3, 3}, {4, 2, 2}, {4, 2, 1, 1}})
        EXPECT_EQ(body(path), "none") << fmt::format("{}", fmt::join(path, "."));

    const auto message = structure.message_at(std::vector<std::uint32_t>{3});
    ASSERT_TRUE(message);
    EXPECT_TRUE(header_of(structure.parts[*message], raw).starts_with("Subject: 3\n"));
    EXPECT_EQ(structure.message_at(std::vector<std::uint32_t>{}), 0U);
    EXPECT_EQ(structure.message_at(std::vector<std::uint32_t>{4}), std::nullopt);
}

TEST(Structure, NumbersTheOnlyBodyOfAMessageOne) {
    const auto structure = parse("Subject: x\n\nbody");
    EXPECT_EQ(structure.at(std::vector<std::uint32_t>{1}), 0U);
    EXPECT_EQ(structure.at(std::vector<std::uint32_t>{2}), std::nullopt);
    EXPECT_EQ(structure.at(std::vector<std::uint32_t>{1, 1}), std::nullopt);
}

TEST(Limits, OfDepthLeaveTheInnerPartWhole) {
    std::string raw;
    for (int i = 0; i < 1000; ++i)
        raw += fmt::format("Content-Type: multipart/mixed; boundary=B{}\n\n--B{}\n", i, i);
    const auto structure = parse(raw, {.depth = 10});
    EXPECT_TRUE(structure.limit_reached);
    EXPECT_EQ(structure.parts.size(), 11U);
    EXPECT_EQ(structure.parts.back().end, raw.size());

    std::string messages;
    for (int i = 0; i < 1000; ++i) messages += "Content-Type: message/rfc822\n\n";
    EXPECT_EQ(parse(messages, {.depth = 10}).parts.size(), 11U);
    EXPECT_TRUE(parse(messages).limit_reached);
}

TEST(Limits, OfPartsLeaveTheRestInTheLast) {
    std::string raw = "Content-Type: multipart/mixed; boundary=B\n\n";
    for (int i = 0; i < 5; ++i) raw += fmt::format("--B\n\n{}\n", i);
    raw += "--B--\n";
    EXPECT_FALSE(parse(raw, {.parts = 6}).limit_reached);
    const auto structure = parse(raw, {.parts = 4});
    EXPECT_TRUE(structure.limit_reached);
    ASSERT_EQ(structure.parts.size(), 4U);
    EXPECT_EQ(body_of(structure.parts.back(), raw), "2\n--B\n\n3\n--B\n\n4\n--B--\n");
}

TEST(Limits, OfHeadersHideOnlyLateFields) {
    const auto raw = "X: " + std::string(100, 'x') + "\nContent-Type: a/b\n\nbody";
    const auto structure = parse(raw, {.header_size = 50});
    EXPECT_TRUE(structure.limit_reached);
    EXPECT_TRUE(structure.root().type.is("text", "plain"));
    EXPECT_EQ(body_of(structure.root(), raw), "body");
    EXPECT_FALSE(parse(raw).limit_reached);
}

TEST(Limits, OfBoundariesLeaveTheMultipartWhole) {
    const auto raw =
        fmt::format("Content-Type: multipart/mixed; boundary={0}\n\n--{0}\n\nx", std::string(2000, 'b'));
    EXPECT_EQ(outline(raw), "multipart/mixed");
    EXPECT_TRUE(parse(raw).limit_reached);
}

struct NameRow {
    std::string_view what;
    std::string_view fields;
    std::string_view name;
};

TEST(AttachmentName, IsUnderstoodInEveryWayItIsWritten) {
    constexpr NameRow rows[] = {
        {"RFC 2231", "Content-Disposition: attachment; filename*=GB18030''%D6%D8%D2%AA.doc", "重要.doc"},
        {"RFC 2231 in pieces, cut inside a character",
         "Content-Disposition: attachment;\n filename*0*=utf-8'zh'%E9%87;\n filename*1*=%8D%E8%A6%81;\n "
         "filename*2=.doc",
         "重要.doc"},
        {"encoded words in quotes", "Content-Disposition: attachment; filename=\"=?gb2312?B?1tjSqg==?=.doc\"",
         "重要.doc"},
        {"encoded words without quotes, folded",
         "Content-Disposition: attachment; filename==?utf-8?B?6YeN?=\n =?utf-8?Q?=E8=A6=81=2Edoc?=",
         "重要.doc"},
        {"raw GBK", "Content-Disposition: attachment; filename=\"\xd6\xd8\xd2\xaa\xcd\xa8\xd6\xaa.doc\"",
         "重要通知.doc"},
        {"raw UTF-8", "Content-Disposition: attachment; filename=\"重要.doc\"", "重要.doc"},
        {"Big5", "Content-Type: a/b; name=\"=?big5?B?rautbg==?=.doc\"", "重要.doc"},
        {"the name of the type", "Content-Type: a/b; name*=utf-8''%E9%87%8D%E8%A6%81.doc", "重要.doc"},
        {"disposition before type", "Content-Type: a/b; name=a\nContent-Disposition: attachment; filename=b",
         "b"},
        {"disposition without name", "Content-Type: a/b; name=a\nContent-Disposition: attachment", "a"},
        {"none", "Content-Type: a/b", ""},
    };
    for (const auto& row : rows)
        EXPECT_EQ(attachment_name(parse(std::string(row.fields) + "\n\n").root()), row.name) << row.what;
}

struct AttachmentRow {
    std::string_view subtype;  // of the multipart
    std::string_view header;   // of its second part
    bool is_attachment;
};

TEST(Attachment, IsWhatAPersonWouldCallOne) {
    constexpr AttachmentRow rows[] = {
        {"mixed", "Content-Type: text/html", false},
        {"mixed", "Content-Type: text/html; name=a.html", true},
        {"mixed", "Content-Type: text/plain\nContent-Disposition: attachment", true},
        {"mixed", "Content-Type: application/pdf", true},
        {"mixed", "Content-Type: message/rfc822\n\nSubject: x", true},
        {"related", "Content-Type: image/png; name=a.png", false},
        {"related", "Content-Type: image/png\nContent-Disposition: attachment", true},
        {"signed", "Content-Type: application/pgp-signature; name=signature.asc", false},
    };
    for (const auto& row : rows) {
        const auto structure =
            parse(fmt::format("Content-Type: multipart/{}; boundary=B\n\n--B\n\n1\n--B\n{}\n\n2\n--B--",
                              row.subtype, row.header));
        EXPECT_EQ(is_attachment(structure, 2), row.is_attachment) << row.subtype << ": " << row.header;
    }
}

}  // namespace
}  // namespace hongyan::message
