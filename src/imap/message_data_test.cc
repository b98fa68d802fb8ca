#include "imap/message_data.h"

#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

// What would be said next must not be taken for the rest of a response.
TEST(MessageData, WhatCannotBeReadLeavesNothingBehind) {
    imap_world::World world;
    world.deliver("Subject: x\r\n\r\nabc");
    const auto mail = world.account().view();
    const wire::FetchItem items[] = {wire::MessageItem::flags, wire::BodyItem{}};
    std::string out = "* 1 EXISTS\r\n";
    const auto put_what_has_gone = [&](const store::Entry& entry,
                                       const store::MessageView& message) -> Result<void> {
        TRY(world.account().expunge(store::inbox, {entry.uid}, store::Which::all));
        const auto put = MessageData(mail, entry, &message, false).put(out, SequenceNumber(1), wanted(items));
        EXPECT_TRUE(!put && put.error().kind == Error::Kind::not_found);
        return {};
    };
    EXPECT_TRUE(mail.each_message(store::inbox, store::UidSet::all(), put_what_has_gone));
    EXPECT_EQ(out, "* 1 EXISTS\r\n");
}

}  // namespace
}  // namespace hongyan::imap
