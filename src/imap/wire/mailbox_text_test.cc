#include "imap/wire/mailbox_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "message/utf8.h"

namespace hongyan::imap::wire {
namespace {

TEST(ModifiedUtf7, WritesAndReadsTheSameName) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"INBOX", "INBOX"},
        {"", ""},
        {"AT&T", "AT&-T"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501 §5.1.3
        {"已发送", "&XfJT0ZAB-"},
        {"Entwürfe", "Entw&APw-rfe"},
        {"😀", "&2D3eAA-"},
        {"a&é&b", "a&-&AOk-&-b"},
    };
    for (const auto& [utf8, utf7] : rows) {
        EXPECT_EQ(to_modified_utf7(utf8), utf7);
        EXPECT_EQ(from_modified_utf7(utf7), utf8);
    }
}

TEST(ModifiedUtf7, ANameHasOneSpelling) {
    for (const auto* bad : {"&", "&abc", "&Jjo!", "&U,BTFw-&ZeVnLIqe-", "&AGE-", "&2D0-", "&3gDYPQ-", "&Jj-",
                            "&Jjp-", "&AOkA-", "\xc3\xa9", "a\x01", "&/-"})
        EXPECT_FALSE(from_modified_utf7(bad)) << bad;
}

TEST(ModifiedUtf7, WhatIsNotUtf8ComesOutAsTheReplacementCharacter) {
    EXPECT_EQ(to_modified_utf7("a\xff"), "a&,,0-");
}

TEST(ModifiedUtf7, EveryNameGoesRound) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& characters) {
        std::string name;
        for (const auto c : characters) message::append_utf8(name, c % 0x2ffff);
        std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        RC_ASSERT(from_modified_utf7(to_modified_utf7(name)) == name);
    }));
}

}  // namespace
}  // namespace hongyan::imap::wire
