#include "message/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

std::string shown(const Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) text += fmt::format(" {}={}", name, value);
    return text;
}
std::string shown(std::string_view value) {
    const auto type = parse_media_type(value);
    return type ? fmt::format("{}/{}{}", type->type, type->subtype, shown(type->parameters)) : "none";
}

struct Row {
    std::string_view value;
    std::string_view shown;
};

TEST(MediaType, IsReadAsRfc2045Says) {
    constexpr Row rows[] = {
        {" text/plain; charset=us-ascii (Plain text)", "text/plain charset=us-ascii"},
        {"TEXT/Plain; Charset=\"ISO-8859-1\"", "text/plain charset=ISO-8859-1"},
        {"multipart/mixed; boundary=\"a b:c\"; x=y", "multipart/mixed boundary=a b:c x=y"},
        {"(a (nested) comment) text (b) / (c) html (d) ; (e) charset (f) = (g) utf-8 (h)",
         "text/html charset=utf-8"},
        {"text/plain;\r\n\tcharset=utf-8;\r\n format=flowed", "text/plain charset=utf-8 format=flowed"},
        {R"(a/b; c="d\"e\\f")", R"(a/b c=d"e\f)"},
        {"message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu\"",
         "message/external-body access-type=URL url*0=ftp:// url*1=cs.utk.edu"},
    };
    for (const auto& row : rows) EXPECT_EQ(shown(row.value), row.shown) << row.value;
}

TEST(MediaType, IsReadFromWhatIsReallySent) {
    constexpr Row rows[] = {
        {"text/plain;", "text/plain"},
        {"text/plain;;; charset=a;", "text/plain charset=a"},
        {"text/plain charset=a", "text/plain charset=a"},
        {"text/plain; charset=a format=flowed", "text/plain charset=a format=flowed"},
        {"text/plain; charset=a\r\n name=b", "text/plain charset=a name=b"},
        {"text/plain; charset", "text/plain"},
        {"text/plain; =a; b=c", "text/plain b=c"},
        {"text/plain; charset=", "text/plain charset="},
        {"a/b; name=My file (1).doc; c=d", "a/b name=My file (1).doc c=d"},
        {"a/b; name=\"no end; c=d", "a/b name=no end; c=d"},
        {R"(a/b; name="C:\new\file.doc")", R"(a/b name=C:\new\file.doc)"},
        {"a/b; name=\"one\r\n two\"", "a/b name=one two"},
        {"a/b; name=(no end", "a/b name="},
        {"a/b; \"junk\" name=x", "a/b name=x"},
        {"a/b; n==?utf-8?B?eA==?= =?utf-8?B?eQ==?=; c=d", "a/b n==?utf-8?B?eA==?= =?utf-8?B?eQ==?= c=d"},
        {"text", "none"},
        {"text/", "none"},
        {"/plain", "none"},
        {"", "none"},
    };
    for (const auto& row : rows) EXPECT_EQ(shown(row.value), row.shown) << row.value;
}

TEST(MediaType, HasABoundOnItsParameters) {
    std::string value = "a/b";
    for (int i = 0; i < 1000; ++i) value += fmt::format("; p{}=v", i);
    EXPECT_EQ(parse_media_type(value)->parameters.size(), max_parameters);
}

TEST(Disposition, NeedsNoParameters) {
    EXPECT_EQ(parse_disposition(" INLINE")->type, "inline");
    const auto attachment = parse_disposition("attachment; filename=genome.jpeg;\n size=12");
    EXPECT_EQ(attachment->type, "attachment");
    EXPECT_EQ(shown(attachment->parameters), " filename=genome.jpeg size=12");
    EXPECT_FALSE(parse_disposition(" ; filename=x"));
}

struct DecodedRow {
    std::string_view value;  // of a Content-Disposition
    std::string_view text;   // of its filename
};

TEST(Decoded, UndoesRfc2231) {
    constexpr DecodedRow rows[] = {
        {"a; filename*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "This is ***fun***"},
        {"a; filename*0*=us-ascii'en'This%20is%20even%20more%20; filename*1*=%2A%2A%2Afun%2A%2A%2A%20; "
         "filename*2=\"isn't it!\"",
         "This is even more ***fun*** isn't it!"},
        {"a; filename*1=second; filename*0=first", "firstsecond"},
        {"a; filename*0=first; filename*2=third", "first"},
        {"a; filename*=utf-8''%e9%87%8d; filename=plain", "重"},
        {"a; filename*=bare%20value", "bare value"},
        {"a; filename*=utf-8''100%; filename=x", "100%"},
        {"a; filename=x%20y", "x%20y"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(decoded(parse_disposition(row.value)->parameters, "filename"), row.text) << row.value;
}

TEST(Decoded, IsNothingIfTheParameterIsAbsent) {
    constexpr std::string_view values[] = {"a", "a; filename*1=x", "a; filenames=x", "a; filename*x=y"};
    for (const auto value : values)
        EXPECT_EQ(decoded(parse_disposition(value)->parameters, "filename"), std::nullopt) << value;
}

}  // namespace
}  // namespace hongyan::message
