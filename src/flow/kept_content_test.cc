#include "flow/kept_content.h"

#include <gtest/gtest.h>

namespace hongyan::flow {

const std::string message = "Subject: words\r\n\r\n" + std::string(5000, 'w') + "\r\n";

TEST(KeptContentTest, WhatGoesAtOnceIsNotCompressed) {
    KeptContent content(message);
    const auto& blob = content.for_queue(engine::Packing::leave);
    EXPECT_FALSE(blob->compressed);
    EXPECT_EQ(blob->frame, message);
    EXPECT_EQ(blob->id, engine::BlobId::of(message));
}

TEST(KeptContentTest, WhatWaitsOrLiesInAMailboxIs) {
    KeptContent waiting(message);
    EXPECT_TRUE(waiting.for_queue(engine::Packing::compress)->compressed);
    KeptContent both(message);
    const auto kept = both.for_mailboxes();
    EXPECT_TRUE(kept->blob->compressed);
    EXPECT_EQ(both.for_queue(engine::Packing::leave), kept->blob) << "one blob for all places";
}

TEST(KeptContentTest, AMailboxTakesTheBlobThatIsThere) {
    KeptContent content(message);
    const auto blob = content.for_queue(engine::Packing::leave);
    EXPECT_EQ(content.for_mailboxes()->blob, blob);
    EXPECT_FALSE(content.for_mailboxes()->summary.empty());
}

}  // namespace hongyan::flow
