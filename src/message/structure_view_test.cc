#include "message/structure_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/structure_record.h"
#include "message/summary.h"

namespace hongyan::message {
namespace {

constexpr std::string_view letter =
    "Content-Type: multipart/mixed; boundary=B\r\n\r\n"
    "--B\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Language: de, en\r\n\r\na\r\n"
    "--B\r\nContent-Type: image/png; name=x\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <1@x>\r\n"
    "Content-Disposition: attachment; filename=x; size=3\r\nContent-Description: d\r\n\r\nYWJj\r\n"
    "--B--\r\n";

TEST(StructureView, OwnsWhatItLookedAt) {
    const auto structure = parse(letter);
    EXPECT_EQ(StructureView::of(structure).owned(), structure);
    StructureView kept;
    const auto record = encode(structure);
    ASSERT_TRUE(decode_structure(record, letter.size(), kept));
    EXPECT_EQ(kept.owned(), structure);
}

TEST(StructureView, IsThatOfASummary) {
    const auto summary = summarize(letter);
    StructureView kept;
    const auto record = encode(summary);
    ASSERT_THAT(read_structure(record, kept), testing::Eq(Result<bool>(true)));
    EXPECT_EQ(kept.owned(), *summary.structure);
}

TEST(StructureView, IsNotReadWhereThereIsMoreToIt) {
    StructureView kept;
    const auto with_message = encode(summarize("Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx"));
    EXPECT_THAT(read_structure(with_message, kept), testing::Eq(Result<bool>(false)));
    auto without = summarize(letter);
    without.structure.reset();
    const auto record = encode(without);
    EXPECT_THAT(read_structure(record, kept), testing::Eq(Result<bool>(false)));
}

TEST(StructureView, IsDamagedWhereItDoesNotFit) {
    auto summary = summarize(letter);
    summary.size += 1;
    StructureView kept;
    const auto record = encode(summary);
    const auto read = read_structure(record, kept);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, Error::Kind::corrupt);
}

}  // namespace
}  // namespace hongyan::message
