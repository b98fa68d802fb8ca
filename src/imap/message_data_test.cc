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

// What is kept of the header has it then too.
TEST(MessageData, NulIsToldNowhereThoughTheStoreDidNotNoteIt) {
    using namespace std::string_view_literals;
    imap_world::World world;
    world.deliver("Subject: a\0b\r\n\r\nc\r\n"sv);
    const auto mail = world.account().view();
    const wire::FetchItem items[] = {wire::BodyItem{
        .section = {.part = {}, .text = wire::Section::Text::header_fields, .names = {"SUBJECT"}},
        .partial = {},
        .peek = true}};
    std::string out;
    const auto put = [&](store::Entry entry, const store::MessageView& message) {
        EXPECT_TRUE(std::exchange(entry.has_nul, false));
        return MessageData(mail, entry, &message, false).put(out, SequenceNumber(1), wanted(items));
    };
    EXPECT_TRUE(mail.each_message(store::inbox, store::UidSet::all(), put));
    EXPECT_EQ(out, "* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {16}\r\nSubject: a?b\r\n\r\n)\r\n");
}

}  // namespace
}  // namespace hongyan::imap
