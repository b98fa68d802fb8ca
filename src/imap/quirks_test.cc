#include "imap/quirks.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace hongyan::imap {
namespace {

TEST(Quirks, EachHasItsConversation) {
    const auto plays = read_file(SOURCE_ROOT "/tests/transcripts/imap/quirks.txt");
    ASSERT_TRUE(plays);
    for (const auto& quirk : quirks)
        EXPECT_TRUE(plays->contains(fmt::format("# {}: ", quirk.name))) << quirk.name;
}

}  // namespace
}  // namespace hongyan::imap
