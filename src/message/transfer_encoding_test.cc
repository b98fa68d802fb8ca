#include "message/transfer_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hongyan::message {
namespace {

struct Row {
    std::string_view encoded;
    std::string_view plain;
};

TEST(Base64, IsDecodedWhateverComesBetween) {
    constexpr Row rows[] = {
        {"", ""},
        {"SGVsbG8=", "Hello"},
        {"SGVs\r\nbG8=\r\n", "Hello"},
        {"S G V s b G 8 =", "Hello"},
        {"SGVsbG8", "Hello"},
        {"SGVs*bG8=!", "Hello"},
        {"SGVsbG8=IHdvcmxk", "Hello world"},
        {"SGk=SGk=", "HiHi"},
        {"SGkSGk=", "Hi\x12\x1a"},
        {"====", ""},
        {"A", ""},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(decode_base64(row.encoded), row.plain) << row.encoded;
        EXPECT_EQ(decoded_size(TransferEncoding::base64, row.encoded), row.plain.size()) << row.encoded;
    }
}

TEST(QuotedPrintable, IsDecodedWithoutLosingWhatIsBroken) {
    constexpr Row rows[] = {
        {"", ""},
        {"=48ello", "Hello"},
        {"a=3db", "a=b"},
        {"soft=\r\nbreak", "softbreak"},
        {"soft= \t\r\nbreak", "softbreak"},
        {"soft=\nbreak", "softbreak"},
        {"blanks \t\r\ngo", "blanks\r\ngo"},
        {"kept=20\r\n", "kept \r\n"},
        {"=ZZ=4", "=ZZ=4"},
        {"last=", "last"},
        {"a==\r\nb", "a=b"},
        {"\n\n", "\n\n"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(decode_quoted_printable(row.encoded), row.plain) << row.encoded;
        EXPECT_EQ(decoded_size(TransferEncoding::quoted_printable, row.encoded), row.plain.size());
    }
}

TEST(QuotedPrintable, KeepsLineEndsOfText) {
    constexpr Row rows[] = {
        {"a=3Db\r\n", "a=b\n"},
        {"tab =09\r\nend=20", "tab \t\r\nend "},
        {"=46rom me\r\n>From\r\n", "From me\r\n>From\r\n"},
        {"=E9=87=8D", "重"},
        {"bare=0Dreturn", "bare\rreturn"},
    };
    for (const auto& row : rows) EXPECT_EQ(encode_quoted_printable(row.plain), row.encoded);
}

TEST(QuotedPrintable, HasLinesOfAtMost76Characters) {
    const std::string word(75, 'x');
    EXPECT_EQ(encode_quoted_printable(word + "yz"), word + "=\r\nyz");
    EXPECT_EQ(encode_quoted_printable(std::string(74, 'x') + "\xff"), std::string(74, 'x') + "=\r\n=FF");
}

TEST(TransferEncoding, IsKnownByItsNameInAnyCase) {
    EXPECT_EQ(transfer_encoding("BASE64"), TransferEncoding::base64);
    EXPECT_EQ(transfer_encoding("Quoted-Printable"), TransferEncoding::quoted_printable);
    EXPECT_EQ(transfer_encoding(""), TransferEncoding::identity);
    EXPECT_EQ(transfer_encoding("x-uuencode"), TransferEncoding::other);
    EXPECT_EQ(decode(TransferEncoding::other, "as it is"), "as it is");
}

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        longest = std::max(longest, end);
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return longest;
}

RC_GTEST_PROP(TransferEncoding, DecodesWhatItEncoded, (const std::string& bytes)) {
    const auto base64 = encode_base64(bytes);
    RC_ASSERT(longest_line(base64) <= 76U);
    RC_ASSERT(decode_base64(base64) == bytes);

    const auto quoted = encode_quoted_printable(bytes, Lines::binary);
    RC_ASSERT(longest_line(quoted) <= 76U);
    RC_ASSERT(decode_quoted_printable(quoted) == bytes);
}

}  // namespace
}  // namespace hongyan::message
