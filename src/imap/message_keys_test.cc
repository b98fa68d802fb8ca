#include "imap/message_keys.h"

#include <gtest/gtest.h>

#include "support/imap_world.h"

namespace hongyan::imap {
namespace {

std::string letter(int number) {
    return fmt::format("Subject: Re: number {}\r\nMessage-ID: <{}@x>\r\nReferences: <{}@x>\r\n\r\n", number,
                       number, number - 1);
}

KeyKinds all_kinds() {
    KeyKinds kinds;
    for (std::size_t i = 0; i < key_kinds; ++i) kinds.add(static_cast<KeyKind>(i));
    return kinds;
}

struct Fixture : testing::Test {
    imap_world::World world;
    MessageKeys keys;

    bool bring_forward(KeyKinds wanted, std::size_t most = 1'000) {
        return keys.bring_forward(world.account().view(), store::inbox, wanted, most).value();
    }
    std::string_view subject(std::size_t i) { return keys.text(KeyKind::subject).at(i); }
};
using MessageKeysTest = Fixture;

TEST_F(MessageKeysTest, GrowWithTheMailboxAndByPortions) {
    for (int i = 1; i <= 5; ++i) world.deliver(letter(i));
    EXPECT_FALSE(bring_forward(all_kinds(), 3));
    EXPECT_EQ(keys.known(all_kinds()), 3U);
    EXPECT_TRUE(bring_forward(all_kinds(), 3));
    EXPECT_EQ(subject(4), "NUMBER 5");
    world.deliver(letter(6));
    EXPECT_TRUE(bring_forward(all_kinds()));
    EXPECT_EQ(keys.size(), 6U);
    EXPECT_EQ(subject(5), "NUMBER 6");
    EXPECT_TRUE(keys.is_reply(5));
    EXPECT_EQ(keys.references().references(5)[0], keys.references().own(4));
}

TEST_F(MessageKeysTest, KindsThatComeLaterAreReadForAll) {
    world.deliver(letter(1));
    world.deliver(letter(2));
    KeyKinds dates, subjects;
    dates.add(KeyKind::sent);
    subjects.add(KeyKind::subject);
    EXPECT_TRUE(bring_forward(dates));
    world.deliver(letter(3));
    EXPECT_TRUE(bring_forward(subjects));
    EXPECT_EQ(subject(2), "NUMBER 3");
    EXPECT_EQ(keys.known(dates), 2U);
    EXPECT_TRUE(bring_forward(all_kinds()));
    EXPECT_EQ(keys.known(all_kinds()), 3U);
}

TEST_F(MessageKeysTest, WhoIsGoneLeavesAnEmptyPlace) {
    for (int i = 1; i <= 3; ++i) world.deliver(letter(i));
    EXPECT_TRUE(bring_forward({}));
    ASSERT_TRUE(world.account().expunge(store::inbox, {Uid(2)}, store::Which::all));
    EXPECT_TRUE(bring_forward(all_kinds()));
    EXPECT_EQ(subject(1), "");
    EXPECT_EQ(subject(2), "NUMBER 3");
    EXPECT_EQ(keys.find(Uid(3)), 2U);
    EXPECT_EQ(keys.find(Uid(4)), std::nullopt);
}

// Or what has come since would have empty keys for good.
TEST_F(MessageKeysTest, WhoLooksAtWhatWasLeavesWhatHasComeToOthers) {
    world.deliver(letter(1));
    const auto before = world.account().view();
    world.deliver(letter(2));
    EXPECT_TRUE(bring_forward({}));
    EXPECT_FALSE(keys.bring_forward(before, store::inbox, all_kinds(), 1'000).value());
    EXPECT_EQ(keys.known(all_kinds()), 1U);
    EXPECT_TRUE(bring_forward(all_kinds()));
    EXPECT_EQ(subject(1), "NUMBER 2");
}

// The end of References counts most, and its summary has only its beginning.
TEST_F(MessageKeysTest, LongReferencesAreReadToTheirEnd) {
    std::string long_list = "Message-ID: <last@x>\r\nReferences:";
    for (int i = 0; i < 400; ++i)
        long_list += fmt::format("\r\n <{}.a-rather-long-identifier@example.test>", i);
    world.deliver("Message-ID: <399.a-rather-long-identifier@example.test>\r\n\r\n");
    world.deliver(long_list + "\r\n\r\n");
    EXPECT_TRUE(bring_forward(all_kinds()));
    EXPECT_EQ(keys.references().references(1).back(), keys.references().own(0));
}

TEST(KeyCache, ForgetsWhatWasUsedLeast) {
    KeyCache cache(1'000);
    const auto one = cache.keys_of(imap_world::ann, store::MailboxId(1));
    const auto two = cache.keys_of(imap_world::ann, store::MailboxId(2));
    cache.has_grown(*one, 400);
    cache.has_grown(*two, 500);
    EXPECT_EQ(cache.keys_of(imap_world::ann, store::MailboxId(1)), one);
    const auto three = cache.keys_of(imap_world::ann, store::MailboxId(3));
    cache.has_grown(*three, 300);
    EXPECT_EQ(cache.keys_of(imap_world::ann, store::MailboxId(1)), one);
    EXPECT_NE(cache.keys_of(imap_world::ann, store::MailboxId(2)), two);
}

}  // namespace
}  // namespace hongyan::imap
