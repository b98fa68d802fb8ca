#include "engine/base64_lines.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "engine/blob.h"

namespace hongyan::engine {
namespace {

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string out(size, '\0');
    for (auto& c : out) c = static_cast<char>(random());
    return out;
}

// Base64 in lines of so many characters.
std::string lines_of(std::string_view bytes, std::size_t width, std::string_view end = "\r\n") {
    const auto text = to_base64(bytes);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += width) {
        out += text.substr(at, width);
        out += end;
    }
    return out;
}

std::string unfolded(const Folded& folded) {
    std::string out(unfolded_size(folded.runs, folded.bytes.size()).value(), '?');
    unfold_base64(folded.runs, folded.bytes, out.data());
    return out;
}

void expect_the_same_again(const std::string& text) {
    if (const auto folded = fold_base64(text)) EXPECT_EQ(unfolded(*folded), text);
    const auto blob = prepare_blob(text);
    const auto read = unpack_frame(blob->frame, blob->compressed, blob->size, "before ");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, "before " + text);
}

constexpr std::string_view header = "Content-Transfer-Encoding: base64\r\n\r\n";

TEST(Base64Lines, AnAttachmentBecomesItsBytes) {
    const auto bytes = noise(10'000, 1);
    const auto text = std::string(header) + lines_of(bytes, 76) + "--end--\r\n";
    const auto folded = fold_base64(text);
    ASSERT_TRUE(folded);
    EXPECT_EQ(folded->runs, (std::vector<Base64Run>{{header.size(), 76, bytes.size()}}));
    EXPECT_EQ(folded->bytes, std::string(header) + bytes + "--end--\r\n");
    expect_the_same_again(text);
}

// Widths below 32 are encoded and decoded by hand, the others by vectors where the processor has them.
TEST(Base64Lines, EveryWidthAndEveryLengthComeBack) {
    for (std::size_t width = 16; width <= 120; width += 4)
        for (std::size_t size = 1'500; size < 1'500 + width; ++size) {
            const auto bytes = noise(size, static_cast<unsigned>(size));
            const auto folded = fold_base64(lines_of(bytes, width));
            ASSERT_TRUE(folded) << width << ", " << size;
            ASSERT_EQ(folded->bytes, bytes) << width << ", " << size;
            ASSERT_EQ(unfolded(*folded), lines_of(bytes, width)) << width << ", " << size;
        }
}

TEST(Base64Lines, EveryCharacterIsTold) {
    for (int c = 0; c < 256; ++c)
        for (const std::size_t place : {std::size_t{0}, std::size_t{40}, std::size_t{75}}) {
            auto text = lines_of(noise(3'000, 3), 76);
            text[10 * 78 + place] = static_cast<char>(c);
            expect_the_same_again(text);
        }
}

TEST(Base64Lines, WhatIsNotQuiteBase64ComesBackAsItWas) {
    const auto good = lines_of(noise(3'000, 4), 76);
    for (const std::string& text : {
             good + "AB==\r\n",                       // bits that an encoder leaves 0
             good + "AAB=\r\n" + good,                // likewise, with more behind it
             good + "====\r\n",                       //
             good + "=\r\n",                          //
             good + "QUJD",                           // a last line without an end
             good + "QUJD\r",                         //
             lines_of(noise(3'000, 5), 76, "\n"),     // another line end
             lines_of(noise(3'000, 5), 76, " \r\n"),  //
             lines_of(noise(30'000, 5), 1'004),       // longer than a line may be
             lines_of(noise(3'000, 5), 74),           // no multiple of four
             lines_of(noise(3'001, 6), 76) + good,    // two that follow each other, the first one padded
             good + lines_of(noise(3'000, 7), 64),    // another width
             lines_of(noise(500, 8), 76),             // too little
             good + "\r\n" + good + ".\r\n\r\n",      //
         })
        expect_the_same_again(text);
}

TEST(Base64Lines, RunsThatAreTooShortCostNoMoreThanOtherText) {
    std::string text;
    while (text.size() < 4'000'000) text += lines_of(noise(600, 9), 16) + "\r\n";
    EXPECT_FALSE(fold_base64(text));
}

TEST(Base64Lines, DamagedRunsAreRefused) {
    const std::vector<Base64Run> runs = {{20, 76, 3'000}, {0, 64, 1}};
    const auto bytes = encode_runs(runs);
    EXPECT_EQ(decode_runs(bytes).value(), runs);
    EXPECT_EQ(decode_runs(bytes.substr(1)).has_value() && *decode_runs(bytes.substr(1)) == runs, false);
    EXPECT_FALSE(decode_runs(bytes.substr(0, bytes.size() - 1)));
    EXPECT_FALSE(decode_runs(encode_runs(std::vector<Base64Run>{{0, 1'004, 1}})));
    EXPECT_FALSE(decode_runs(encode_runs(std::vector<Base64Run>{{0, 0, 1}})));
    EXPECT_EQ(unfolded_size(runs, 3'020), std::nullopt);
    EXPECT_EQ(unfolded_size(std::vector<Base64Run>{{UINT64_MAX, 76, UINT64_MAX}}, 100), std::nullopt);
}

// A frame whose runs promise another size than the record is damaged, whatever else it says.
TEST(Base64Lines, AFrameOfAnotherSizeIsCorrupt) {
    const auto text = lines_of(noise(3'000, 10), 76);
    const auto blob = prepare_blob(text);
    ASSERT_LT(blob->frame.size(), 3'100U) << "its bytes do not compress";
    for (const auto size : {std::uint64_t{0}, blob->size - 1, blob->size + 1, max_blob_size})
        EXPECT_EQ(unpack_frame(blob->frame, true, size).error().kind, Error::Kind::corrupt);
    for (std::size_t cut = 0; cut < 40; ++cut)
        EXPECT_FALSE(unpack_frame(std::string_view(blob->frame).substr(0, cut), true, blob->size));
}

}  // namespace
}  // namespace hongyan::engine
