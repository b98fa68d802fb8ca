#include "imap/wire/multi_search.h"

#include <gtest/gtest.h>

namespace hongyan::imap::wire {
namespace {

TEST(MultiSearch, WhatIsReadGoesRound) {
    for (const auto* text : {" unseen", " RETURN (COUNT) CHARSET UTF-8 SUBJECT \"chad\"",
                             " IN (mailboxes \"folder1\" subtree \"folder2\") unseen",
                             " IN (mailboxes (\"folder1\" a b) subtree-one \"folder2\") subject \"chad\"",
                             " IN (selected inboxes personal subscribed) RETURN (MIN PARTIAL 1:2) ALL"}) {
        Parser in(text);
        const auto arguments = read_multi_search(in);
        ASSERT_TRUE(in.complete()) << text << ": " << in.complaint();
        std::string again;
        put(again, arguments);
        Parser second(again);
        EXPECT_EQ(read_multi_search(second), arguments) << again;
        EXPECT_TRUE(second.complete()) << again;
    }
    for (const auto* bad :
         {"", " IN () ALL", " IN (selected-delayed) ALL", " IN (subtree) ALL", " IN selected ALL",
          " IN (mailboxes ()) ALL", " IN (personal (x y)) ALL", " IN (personal)", " FOO"}) {
        Parser in(bad);
        read_multi_search(in);
        EXPECT_FALSE(in.complete()) << bad;
    }
}

}  // namespace
}  // namespace hongyan::imap::wire
