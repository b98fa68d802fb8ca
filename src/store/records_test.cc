#include "store/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/record.h"

namespace hongyan::store {
namespace {

Entry some_entry() {
    Entry entry;
    entry.uid = Uid(7);
    entry.message = MessageId(70'000);
    entry.flags = Flags{Flag::seen, Flag::draft}.add("$Work").add("later");
    entry.modseq = ModSeq(123'456);
    entry.size = 8192;
    entry.received = Instant(std::chrono::milliseconds(-5));
    entry.saved = Instant(std::chrono::milliseconds(1'700'000'000'123));
    entry.unended = true;
    entry.has_nul = true;
    return entry;
}

std::string with_field(std::string record, FieldTag tag, std::string_view text) {
    bytes::put_varint(record, tag);
    bytes::put_text(record, text);
    return record;
}

TEST(Records, AnEntryComesBackAndIsSmall) {
    const auto entry = some_entry();
    EXPECT_EQ(decode_entry(Uid(7), encode(entry)), entry);
    Entry plain = entry;
    plain.flags = {Flag::seen};
    EXPECT_LT(encode(plain).size(), 40U);
}

TEST(Records, WhatANewerProgramWroteIsKept) {
    const auto entry = decode_entry(Uid(7), with_field(encode(some_entry()), 99, "from the future")).value();
    EXPECT_EQ(entry.message, MessageId(70'000));
    EXPECT_THAT(encode(entry), testing::HasSubstr("from the future"));

    MailboxState mailbox;
    mailbox.level = "Büro";
    EXPECT_THAT(encode(decode_mailbox(with_field(encode(mailbox), 77, "x!")).value()),
                testing::HasSubstr("x!"));
    EXPECT_THAT(encode(decode_account(with_field(encode(AccountState()), 77, "x!")).value()),
                testing::HasSubstr("x!"));
}

TEST(Records, DamageIsNamedAndNotReadAsSomethingElse) {
    const auto number = [](std::uint64_t value) {
        std::string text;
        bytes::put_varint(text, value);
        return text;
    };
    struct Row {
        std::string_view what;
        std::string record;
    };
    const Row rows[] = {
        {"no version", ""},
        {"a field cut short", "\x01\x01\x05"},
        {"a parent beyond 32 bits", with_field("\x01", 1, number(std::uint64_t{1} << 40U))},
        {"a kind that nobody knows", with_field("\x01", 3, number(9))},
        {"a use that nobody knows", with_field("\x01", 4, number(99))},
        {"UIDNEXT zero", with_field("\x01", 7, number(0))},
        {"a number with something behind it", with_field("\x01", 1, "\x01\x01")},
    };
    for (const auto& row : rows) {
        const auto mailbox = decode_mailbox(row.record);
        ASSERT_FALSE(mailbox) << row.what;
        EXPECT_EQ(mailbox.error().kind, Error::Kind::corrupt) << row.what;
    }
    EXPECT_FALSE(decode_entry(Uid(1), with_field("\x01", 3, "not a keyword")));
    EXPECT_FALSE(decode_message(MessageId(1), with_field("\x01", 1, "a short hash")));
    EXPECT_FALSE(decode_changes(with_field("\x01", 1, "\x09\x00\x01\x00")));
    EXPECT_FALSE(decode_homes(with_field("\x01", 1, "\x01")));
}

TEST(Records, ChangesComeBackInTheirOrder) {
    EXPECT_TRUE(rc::check([] {
        ChangeRecord record;
        for (const auto& [kind, uid, message] :
             *rc::gen::container<std::vector<std::tuple<int, std::uint32_t, std::uint64_t>>>(
                 rc::gen::tuple(rc::gen::inRange(1, 6), rc::gen::inRange<std::uint32_t>(1, UINT32_MAX),
                                rc::gen::arbitrary<std::uint64_t>())))
            record.add(static_cast<Change>(kind), Uid(uid), MessageId(message));
        RC_ASSERT(decode_changes(encode(record)).value() == record);
    }));
}

TEST(Records, ManyConsecutiveChangesAreOneRun) {
    ChangeRecord record;
    for (std::uint32_t i = 1; i <= 5000; ++i) record.add(Change::appended, Uid(i), MessageId(100 + i));
    ASSERT_EQ(record.runs.size(), 1U);
    EXPECT_EQ(record.runs[0], (ChangeRun{Change::appended, Uid(1), 5000, MessageId(101)}));
    EXPECT_LT(encode(record).size(), 16U);
}

}  // namespace
}  // namespace hongyan::store
