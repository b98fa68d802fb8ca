#include "message/message_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MessageIds, StandInTheirOrder) {
    EXPECT_THAT(message_ids("<a@b> <c.d@e.f>\r\n\t<g@[192.0.2.1]>"),
                ElementsAre("a@b", "c.d@e.f", "g@[192.0.2.1]"));
    EXPECT_THAT(message_ids("<a@b><c@d>,<e@f>"), ElementsAre("a@b", "c@d", "e@f"));
    EXPECT_EQ(first_message_id("Your message of Monday <a@b> from ann@here.test <c@d>"), "a@b");
}

// RFC 5256 §3: its example of two spellings.
TEST(MessageIds, QuotesAndBlanksMakeNoDifference) {
    EXPECT_EQ(message_ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>"),
              message_ids("<01KF8JCEOCBS0045PS@xxx.yyy.com>"));
    EXPECT_THAT(message_ids("< a @ b >"), ElementsAre("a@b"));
    EXPECT_THAT(message_ids(R"(<"a\"<b> c"@d>)"), ElementsAre(R"(a"<b> c@d)"));
    EXPECT_THAT(message_ids("<A@b>"), ElementsAre("A@b"));
}

TEST(MessageIds, WhatIsNoneIsPassedOver) {
    EXPECT_THAT(message_ids("<> <a> <@b> <a@> <a@b ann@here.test"), IsEmpty());
    EXPECT_THAT(message_ids("<a@b <c@d> x> <e@f>"), ElementsAre("c@d", "e@f"));
    EXPECT_THAT(message_ids("<\"a@b> <c@d>"), ElementsAre("c@d"));
    EXPECT_EQ(first_message_id(""), std::nullopt);
}

TEST(MessageIds, AMessageIsCalledByTheFirstOrByAllThatStandsThere) {
    EXPECT_EQ(message_id_in(" <1@here.test> (added by x) <2@here.test>"), "<1@here.test>");
    EXPECT_EQ(message_id_in("<\"a b\"@here.test>"), "<a b@here.test>");
    EXPECT_EQ(message_id_in("\r\n 4@here.test "), "4@here.test");
    EXPECT_EQ(message_id_in("<5>"), "<5>");
    EXPECT_EQ(message_id_in(" "), "");
    EXPECT_EQ(message_id_of("Subject: x\r\nmessage-id:\r\n <1@a.test>\r\nMessage-ID: <2@a.test>"),
              "<1@a.test>");
    EXPECT_EQ(message_id_of("Subject: x\r\n\r\nMessage-ID: <1@a.test>\r\n"), "");
    EXPECT_LT(message_id_in("<" + std::string(100'000, 'x') + "@a.test>").size(), 3'000U);
}

TEST(MessageIds, AreBoundedInNumberAndTime) {
    std::string many, quotes;
    for (int i = 0; i < 5'000; ++i) many += "<" + std::to_string(i) + "@x>";
    for (int i = 0; i < 500'000; ++i) quotes += "<\\\"";
    const auto ids = message_ids(many);
    EXPECT_EQ(ids.size(), max_message_ids);
    EXPECT_EQ(ids.back(), "4999@x");
    EXPECT_THAT(message_ids("<\"" + quotes), IsEmpty());
}

}  // namespace
}  // namespace hongyan::message
