#include "imap/wire/url.h"

#include <gtest/gtest.h>

namespace hongyan::imap::wire {
namespace {

using namespace std::chrono_literals;

// RFC 4467 §7, RFC 5092 §9
TEST(MessageUrl, NamesAPartWithLeaveToFetchIt) {
    const auto url = parse_message_url(
        "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred:internal:"
        "91354a473744909de610943775f92038");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->user, "joe");
    EXPECT_EQ(url->host, "example.com");
    EXPECT_EQ(url->mailbox, "INBOX");
    EXPECT_EQ(url->uid, 20U);
    EXPECT_EQ(url->section.part, (std::vector<std::uint32_t>{1, 2}));
    ASSERT_TRUE(url->authorization);
    EXPECT_EQ(url->authorization->access, UrlAuthorization::Access::submit);
    EXPECT_EQ(url->authorization->user, "fred");
    EXPECT_EQ(url->authorization->mechanism, "internal");
    EXPECT_EQ(url->authorization->token, "91354a473744909de610943775f92038");
    EXPECT_EQ(url->authorization->rump,
              "imap://joe@example.com/INBOX/;uid=20/;section=1.2;urlauth=submit+fred");
}

TEST(MessageUrl, NamesAreDecoded) {
    const auto url = parse_message_url(
        "imap://minbari.example.org:143/gray%20council/%E9%9B%81;UIDVALIDITY=385759045/;UID=20/"
        ";SECTION=HEADER.FIELDS%20(To)/;PARTIAL=3.1024");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->mailbox, "gray council/\xe9\x9b\x81");
    EXPECT_EQ(url->host, "minbari.example.org:143");
    EXPECT_EQ(url->uid_validity, 385759045U);
    EXPECT_EQ(url->section.names, std::vector<std::string>{"To"});
    EXPECT_EQ(url->partial, (UrlPartial{3, 1024}));
    EXPECT_FALSE(url->authorization);
    EXPECT_EQ(parse_message_url("imap://;AUTH=GSSAPI@h/a/;UID=1")->user, "");
    EXPECT_EQ(parse_message_url("imap://michael;AUTH=*@h/a/;UID=1")->user, "michael");
}

TEST(MessageUrl, MayBeRelative) {
    const auto absolute_path = parse_message_url("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME");
    ASSERT_TRUE(absolute_path);
    EXPECT_FALSE(absolute_path->is_absolute());
    EXPECT_EQ(absolute_path->mailbox, "Drafts");
    EXPECT_EQ(absolute_path->section.text, Section::Text::mime);
    EXPECT_EQ(parse_message_url(";UID=3/;PARTIAL=7")->mailbox, "");
    EXPECT_EQ(parse_message_url("a/b/;UID=3")->mailbox, "a/b");
}

TEST(MessageUrl, MayExpire) {
    const auto url =
        parse_message_url("imap://joe@h/INBOX/;UID=20;EXPIRE=2006-10-02T16:00:00.5-05:00;URLAUTH=authuser");
    ASSERT_TRUE(url);
    ASSERT_TRUE(url->authorization);
    EXPECT_EQ(url->authorization->expires, Instant(std::chrono::sys_days(2006y / 10 / 2) + 21h));
    EXPECT_EQ(url->authorization->mechanism, "");
}

TEST(MessageUrl, IsNothingElse) {
    for (const auto* text : {
             "",
             "/",
             ";",
             "imap://",
             "imap://h",
             "imap://h/",
             "imap://h/INBOX",
             "imap://h/INBOX;UIDVALIDITY=1",
             "imap://h/INBOX/;UID=0",
             "imap://h/INBOX/;UID=4294967296",
             "imap://h/;UID=1",
             "/;UID=1",
             "imap://h/INBOX?SUBJECT%20x",
             "http://h/INBOX/;UID=1",
             "/INBOX;UID=1",
             "/a%2/;UID=1",
             "/a%00/;UID=1",
             "/a%ff/;UID=1",
             "/a b/;UID=1",
             "/a/;UID=1/;SECTION=",
             "/a/;UID=1/;SECTION=MIME",
             "/a/;UID=1/;SECTION=1%0A",
             "/a/;UID=1/;PARTIAL=1.0",
             "/a/;UID=1/;PARTIAL=",
             "/a/;UID=1 ",
             "/a/;UID=1;EXPIRE=2006-10-02T16:00:00Z",
             "/a/;UID=1;EXPIRE=2006-13-02T16:00:00Z;URLAUTH=authuser",
             "/a/;UID=1;URLAUTH=nobody",
             "/a/;UID=1;URLAUTH=submit+",
             "/a/;UID=1;URLAUTH=authuser:internal",
             "/a/;UID=1;URLAUTH=authuser:internal:xyz",
             "/a/;UID=1;URLAUTH=authuser::00",
         })
        EXPECT_FALSE(parse_message_url(text)) << text;
    EXPECT_FALSE(parse_message_url("/" + std::string(max_url_size, 'a') + "/;UID=1"));
}

}  // namespace
}  // namespace hongyan::imap::wire
