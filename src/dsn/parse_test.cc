#include "dsn/parse.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dsn/compose.h"

namespace hongyan::dsn {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;

// The notifications of many kinds of servers, which the fuzz target begins with too.
std::string sample(const std::string& name) {
    std::ifstream file(std::string(SOURCE_ROOT "/tests/corpus/notification/") + name);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_FALSE(text.str().empty()) << name;
    return text.str();
}

TEST(ParseNotification, ReadsWhatPostfixWrites) {
    const auto returned = parse_notification(sample("postfix"));
    ASSERT_TRUE(returned);
    EXPECT_EQ(returned->reporting_host, "mx.there.test");
    ASSERT_THAT(returned->recipients, SizeIs(1));
    const auto& recipient = returned->recipients[0];
    EXPECT_EQ(recipient.action, Action::failed);
    EXPECT_EQ(to_string(recipient.status), "5.1.1");
    EXPECT_EQ(recipient.final_recipient, (TypedAddress{"rfc822", "bob@far.test"}));
    EXPECT_EQ(recipient.original_recipient, (TypedAddress{"rfc822", "bob@there.test"}));
    EXPECT_EQ(recipient.remote_host, "mail.far.test");
    EXPECT_THAT(recipient.diagnostic, testing::StartsWith("550 5.1.1 <bob@far.test>"));
    EXPECT_THAT(recipient.diagnostic, testing::EndsWith("nobody of that name"));
    EXPECT_EQ(returned->message_id, "<m1@here.test>");
    EXPECT_THAT(returned->traces,
                ElementsAre(Trace{"mx.there.test", "4F1234"}, Trace{"mx.here.test", "01jdb7x00k3a"}));
}

TEST(ParseNotification, ReadsSeveralRecipientsWithActionsOfTheirOwn) {
    const auto returned = parse_notification(sample("sendmail_several"));
    ASSERT_TRUE(returned);
    EXPECT_THAT(returned->recipients, ElementsAre(Field(&Reported::action, Action::failed),
                                                  Field(&Reported::action, Action::delayed),
                                                  Field(&Reported::action, Action::delivered)));
    EXPECT_TRUE(returned->recipients[1].retry_until);
    EXPECT_FALSE(returned->recipients[0].retry_until);
}

TEST(ParseNotification, MeetsWhatServersWriteInsteadOfTheLetter) {
    const auto exchange = parse_notification(sample("exchange"));
    ASSERT_TRUE(exchange);
    EXPECT_EQ(to_string(exchange->recipients.at(0).status), "5.1.10");
    const auto exim = parse_notification(sample("exim_without_type"));
    ASSERT_TRUE(exim);
    EXPECT_EQ(exim->recipients.at(0).final_recipient.address, "bob@there.test") << "in brackets";
    EXPECT_EQ(exim->recipients.at(0).remote_host, "mail.far.test") << "without a type";
    const auto coremail = parse_notification(sample("coremail_no_status"));
    ASSERT_TRUE(coremail);
    EXPECT_EQ(to_string(coremail->recipients.at(0).status), "5.2.1") << "from the diagnostic";
    EXPECT_EQ(coremail->recipients.at(0).action, Action::failed) << "from the status";
}

TEST(ParseNotification, ReadsInternationalOnes) {
    for (const auto* name : {"global_encoded", "global_plain"}) {
        const auto returned = parse_notification(sample(name));
        ASSERT_TRUE(returned) << name;
        ASSERT_THAT(returned->recipients, SizeIs(1));
        EXPECT_EQ(returned->recipients[0].final_recipient, (TypedAddress{"utf-8", "王@例子.test"}));
        EXPECT_EQ(returned->recipients[0].original_recipient, (TypedAddress{"utf-8", "王@例子.test"}));
        EXPECT_EQ(returned->recipients[0].diagnostic, "553 5.6.7 没有这个人");
        EXPECT_EQ(returned->message_id, "<m6@here.test>");
    }
    const auto returned = parse_notification(sample("xtext"));
    ASSERT_TRUE(returned);
    EXPECT_EQ(returned->recipients.at(0).final_recipient, (TypedAddress{"utf-8", "王+a@there.test"}));
    EXPECT_EQ(returned->recipients[0].action, Action::relayed);
}

TEST(ParseNotification, OtherMailIsNone) {
    for (const auto* name : {"forwarded", "qmail"}) EXPECT_FALSE(parse_notification(sample(name))) << name;
    EXPECT_FALSE(parse_notification(""));
    EXPECT_FALSE(parse_notification("Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n"));
}

TEST(ParseNotification, SaysWhatItAnswersWhereNothingIsReturned) {
    const std::string status =
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
        "Final-Recipient: rfc822;a@b.test\nAction: failed\n";
    const auto id_in = [&](const std::string& fields) {
        return parse_notification(fields + status)->message_id;
    };
    EXPECT_EQ(id_in(""), "");
    EXPECT_EQ(id_in("In-Reply-To: <m1@here.test>\nReferences: <x@y.test>\n"), "<m1@here.test>");
    EXPECT_EQ(id_in("References: <m0@here.test>\n <m1@here.test>\n"), "<m1@here.test>");
    EXPECT_EQ(id_in("In-Reply-To: <\"a b\"@here.test> (of Monday)\n"), "<a b@here.test>");
    EXPECT_EQ(id_in("In-Reply-To: <m1>\n"), "<m1>");
    EXPECT_EQ(id_in("References: m1@here.test\n"), "");
    EXPECT_EQ(id_in("References: <m1@here.test\n"), "");
}

TEST(ParseNotification, KeepsToItsLimits) {
    std::string raw = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n";
    for (std::size_t i = 0; i < 3 * most_reported; ++i)
        raw += "\nFinal-Recipient: rfc822;a@b\nAction: failed\n";
    EXPECT_THAT(parse_notification(raw)->recipients, SizeIs(most_reported));
    raw = "Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp;" +
          std::string(100'000, 'x');
    EXPECT_LE(parse_notification(raw)->recipients.at(0).diagnostic.size(), longest_value);
}

TEST(QueueId, IsFoundByOurTrace) {
    const auto id_in = [](const std::string& name, std::string_view host) {
        return queue_id_of(*parse_notification(sample(name)), host);
    };
    EXPECT_EQ(id_in("sendmail_several", "mx.here.test"), std::nullopt) << "an ENVID is the sender's";
    EXPECT_EQ(id_in("postfix", "mx.here.test"), "01jdb7x00k3a");
    EXPECT_EQ(id_in("exchange", "mx.HERE.test"), "01jdb7x00k3b");
    EXPECT_EQ(id_in("postfix", "other.test"), std::nullopt);
    EXPECT_EQ(id_in("exim_without_type", "mx.here.test"), std::nullopt);
}

}  // namespace
}  // namespace hongyan::dsn
