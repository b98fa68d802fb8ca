// All parsers over real mail. The environment variable HONGYAN_CORPUS names a folder with the messages, as
// files anywhere below it; tools/fetch-corpus makes one.
#include <cstdlib>

#include <gtest/gtest.h>

#include "message/field.h"
#include "message/line_scan.h"
#include "message/mailbox_file.h"
#include "message/mbox.h"
#include "message/structure.h"
#include "message/summary.h"

namespace hongyan::message {
namespace {

constexpr std::uint64_t known_messages = 6'046;

void examine(const FoundMessage& message, std::string_view place) {
    const auto raw = message.raw;
    const auto structure = parse(raw);
    ASSERT_TRUE(is_consistent(structure, raw.size())) << place;
    EXPECT_FALSE(structure.limit_reached) << place;
    for (const auto& part : structure.parts) {
        EXPECT_EQ(part.lines, count_lines(body_of(part, raw))) << place;
        std::size_t fields_size = 0;
        for (const auto& field : Fields(header_of(part, raw))) fields_size += field.whole.size();
        EXPECT_LE(part.header_size() - fields_size, 2U)
            << place << ": more than the empty line is left of a header";
    }
    const auto summary = summarize(raw);
    EXPECT_EQ(summary.structure, structure) << place;
    EXPECT_EQ(decode(encode(summary)), summary) << place;

    const auto entry = mbox_entry(raw, "sender", Instant{});
    EXPECT_TRUE(read_mbox(entry, [&](const FoundMessage& again) -> Result<void> {
        EXPECT_TRUE(again.raw == raw || again.raw == std::string(raw) + '\n') << place;
        return {};
    })) << place;
}

TEST(Corpus, OfRealMailIsReadWithoutLoss) {
    const char* const folder = std::getenv("HONGYAN_CORPUS");
    if (folder == nullptr) GTEST_SKIP() << "HONGYAN_CORPUS is not set: no real mail was looked at";
    std::uint64_t number = 0;
    const auto count = read_mailbox(folder, [&](const FoundMessage& message) -> Result<void> {
        examine(message, fmt::format("message {}", ++number));
        return {};
    });
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(*count, known_messages);
}

}  // namespace
}  // namespace hongyan::message
