#include "dsn/compose.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dsn/automatic.h"
#include "dsn/parse.h"
#include "message/encoded_word.h"
#include "message/field.h"
#include "message/structure.h"
#include "message/utf8.h"

namespace hongyan::dsn {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view original =
    "Received: from laptop by mx.here.test with ESMTPSA id q1; Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    "Message-ID: <m1@here.test>\r\n"
    "Subject: =?utf-8?B?5L2g5aW9?= Bob\r\n"
    "\r\n"
    "secret text\r\n";

class ComposeTest : public testing::Test {
protected:
    ComposeTest() { subject_.message = original; }

    Notification compose(const std::vector<Outcome>& outcomes) {
        return dsn::compose(settings_, subject_, outcomes, clock_, random_);
    }
    Notification compose() { return compose({failure_}); }
    static std::string part(std::string_view raw, std::size_t index) {
        const auto structure = message::parse(raw);
        return message::decoded_body(structure.parts.at(index), raw);
    }
    static std::string type(std::string_view raw, std::size_t index) {
        const auto structure = message::parse(raw);
        const auto& found = structure.parts.at(index).type;
        return found.type + "/" + found.subtype;
    }
    static std::string field(std::string_view raw, std::string_view name) {
        return message::unfolded(raw, name);
    }

    ManualClock clock_;
    SeededRandom random_{1};
    Settings settings_{.host = *message::Domain::parse("mx.here.test"),
                       .from = *message::parse_address("postmaster@here.test"),
                       .most_returned = 10'000,
                       .most_returned_unasked = 10'000};
    Subject subject_{.sender = *message::parse_address("ann@here.test"),
                     .envelope_id = "QQ+314=159",
                     .queue_id = "q1",
                     .received_from = "laptop",
                     .arrival = clock_.now()};
    Outcome failure_{.action = Action::failed,
                     .status = parse_status("5.1.1"),
                     .address = "bob@far.test",
                     .original = "rfc822;Bob@There.test",
                     .remote_host = "mx.far.test",
                     .remote_reply = "550-5.1.1 nobody\r\n550 5.1.1 really",
                     .last_attempt = clock_.now()};
};

TEST_F(ComposeTest, IsAReportOfThreeParts) {
    const auto made = compose();
    EXPECT_THAT(field(made.message, "Content-Type"),
                StartsWith("multipart/report; report-type=delivery-status"));
    EXPECT_EQ(type(made.message, 1), "text/plain");
    EXPECT_EQ(type(made.message, 2), "message/delivery-status");
    EXPECT_EQ(type(made.message, 3), "message/rfc822");
    EXPECT_EQ(part(made.message, 3), original);
    EXPECT_FALSE(made.eight_bit || made.smtputf8);
}

TEST_F(ComposeTest, ItsHeaderSaysThatAMachineWroteIt) {
    const auto made = compose();
    EXPECT_EQ(field(made.message, "Auto-Submitted"), "auto-replied");
    EXPECT_TRUE(is_automatic("x@y.test", made.message));
    EXPECT_EQ(field(made.message, "In-Reply-To"), "<m1@here.test>");
    EXPECT_EQ(field(made.message, "References"), "<m1@here.test>");
    EXPECT_EQ(field(made.message, "Message-ID"), made.message_id);
    EXPECT_EQ(field(made.message, "Date"), "Tue, 14 Nov 2023 22:13:20 +0000");
    EXPECT_EQ(field(made.message, "To"), "ann@here.test");
    EXPECT_EQ(field(made.message, "From"), "Mail Delivery System <postmaster@here.test>");
    EXPECT_EQ(message::decode_header_text(field(made.message, "Subject")), "Not delivered: 你好 Bob");
}

// RFC 3461 §6.3, RFC 3464 §2.2, §2.3
TEST_F(ComposeTest, ThePartForProgramsHasAllTheFields) {
    EXPECT_EQ(part(compose().message, 2),
              "Original-Envelope-Id: QQ+314=159\r\n"
              "Reporting-MTA: dns;mx.here.test\r\n"
              "Received-From-MTA: dns;laptop\r\n"
              "Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
              "X-Hongyan-Queue-Id: q1\r\n"
              "\r\n"
              "Original-Recipient: rfc822;Bob@There.test\r\n"
              "Final-Recipient: rfc822;bob@far.test\r\n"
              "Action: failed\r\n"
              "Status: 5.1.1\r\n"
              "Remote-MTA: dns;mx.far.test\r\n"
              "Diagnostic-Code: smtp;550-5.1.1 nobody 550 5.1.1 really\r\n"
              "Last-Attempt-Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n");
}

// RFC 2852 §5, RFC 4865 §5.1
TEST_F(ComposeTest, WhatWasWishedOfTheTimeIsSaid) {
    EXPECT_THAT(compose().message, Not(HasSubstr("Deliver-By-Date")));
    EXPECT_THAT(compose().message, Not(HasSubstr("Future-Release-Request")));
    subject_.deliver_by = Instant(std::chrono::seconds(1'700'000'000));
    subject_.release = Instant(std::chrono::seconds(1'600'000'000));
    const auto text = compose().message;
    EXPECT_THAT(text, HasSubstr("Deliver-By-Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
    EXPECT_THAT(text, HasSubstr("Future-Release-Request: until;2020-09-13T12:26:40Z\r\n"));
}

TEST_F(ComposeTest, WhatWasNotGivenIsNotSaid) {
    subject_ = {.sender = subject_.sender, .message = original};
    EXPECT_EQ(part(compose({{.address = "bob@far.test"}}).message, 2),
              "Reporting-MTA: dns;mx.here.test\r\n"
              "\r\n"
              "Final-Recipient: rfc822;bob@far.test\r\n"
              "Action: failed\r\n"
              "Status: 5.0.0\r\n");
}

TEST_F(ComposeTest, PeopleReadWhatHappenedAndWhatToDo) {
    const auto text = part(compose().message, 1);
    EXPECT_THAT(text, HasSubstr("Subject: 你好 Bob"));
    EXPECT_THAT(text, HasSubstr("could NOT be delivered"));
    EXPECT_THAT(text, HasSubstr("<bob@far.test>"));
    EXPECT_THAT(text, HasSubstr("You wrote to: <Bob@There.test>"));
    EXPECT_THAT(text, HasSubstr("Nobody has this address there. (code 5.1.1)"));
    EXPECT_THAT(text, HasSubstr("What you can do: Check the spelling"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "The server mx.far.test answered:\r\n        550-5.1.1 nobody\r\n        550 5.1.1 really"));
}

TEST_F(ComposeTest, SpeaksChinese) {
    settings_.language = Language::simplified_chinese;
    const auto made = compose();
    EXPECT_TRUE(message::is_ascii(made.message)) << "encoded, so that it passes everywhere";
    EXPECT_EQ(message::decode_header_text(field(made.message, "Subject")), "邮件未能送达：你好 Bob");
    EXPECT_EQ(field(made.message, "Content-Language"), "zh-CN");
    const auto text = part(made.message, 1);
    EXPECT_THAT(text, HasSubstr("您的邮件未能送达以下收件人"));
    EXPECT_THAT(text, HasSubstr("对方没有这个邮箱地址。 （代码 5.1.1）"));
}

TEST_F(ComposeTest, SeveralRecipientsAreToldOfTogetherFailuresFirst) {
    const auto until = clock_.now() + std::chrono::hours(1);
    const auto made = compose({{.action = Action::relayed, .address = "carl@far.test"},
                               {.action = Action::delayed, .address = "dora@far.test", .retry_until = until},
                               failure_});
    const auto text = part(made.message, 1);
    EXPECT_LT(text.find("bob@far.test"), text.find("dora@far.test"));
    EXPECT_LT(text.find("dora@far.test"), text.find("carl@far.test"));
    EXPECT_THAT(text, HasSubstr("goes on trying until Tue, 14 Nov 2023 23:13:20 +0000"));
    const auto returned = parse_notification(made.message);
    ASSERT_TRUE(returned);
    ASSERT_EQ(returned->recipients.size(), 3u);
    EXPECT_EQ(returned->recipients[1].retry_until, until);
    EXPECT_EQ(to_string(returned->recipients[0].status), "2.0.0");
}

TEST_F(ComposeTest, ALeadBackToTheMessageSurvives) {
    subject_.envelope_id = "from somebody else";
    const auto returned = parse_notification(compose().message);
    ASSERT_TRUE(returned);
    EXPECT_EQ(returned->envelope_id, "from somebody else");
    EXPECT_EQ(queue_id_of(*returned, "mx.here.test"), "q1");
    EXPECT_EQ(returned->message_id, "<m1@here.test>");
}

// RFC 3461 §4.3, §6.2
TEST_F(ComposeTest, ReturnsWhatTheSenderWants) {
    const auto type_returned = [this](Return wanted, Action action) {
        subject_.wanted_return = wanted;
        return type(compose({{.action = action, .address = "bob@far.test"}}).message, 3);
    };
    EXPECT_EQ(type_returned(Return::full, Action::failed), "message/rfc822");
    EXPECT_EQ(type_returned(Return::headers, Action::failed), "text/rfc822-headers");
    EXPECT_EQ(type_returned(Return::full, Action::delayed), "text/rfc822-headers");
    EXPECT_EQ(type_returned(Return::full, Action::delivered), "text/rfc822-headers");
    settings_.most_returned_unasked = 10;
    EXPECT_EQ(type_returned(Return::unsaid, Action::failed), "text/rfc822-headers");
    settings_.most_returned = original.size() - 1;
    EXPECT_EQ(type_returned(Return::full, Action::failed), "text/rfc822-headers");
    const auto made = compose();
    EXPECT_THAT(made.message, Not(HasSubstr("secret text")));
    EXPECT_THAT(part(made.message, 1), HasSubstr("too large to be returned"));
}

TEST_F(ComposeTest, LinesThatNobodyPassesOnAreNotReturned) {
    const auto message = std::string(original) + std::string(2000, 'x') + "\r\n";
    subject_.message = message;
    EXPECT_EQ(type(compose().message, 3), "text/rfc822-headers");
}

TEST_F(ComposeTest, AHugeHeaderIsCutBetweenFields) {
    const auto message =
        "Subject: first\r\nX-Large: " + std::string(70'000, 'x') + "\r\nX-Last: 1\r\n\r\nbody";
    subject_.message = message;
    EXPECT_EQ(part(compose().message, 3), "Subject: first\r\n");
}

// RFC 6533 §4.5: an ASCII sender gets all of it in 7 bits.
TEST_F(ComposeTest, InternationalHeadersAreEncodedForAnAsciiSender) {
    constexpr std::string_view message = "Subject: 你好\r\nMessage-ID: <m2@here.test>\r\n\r\n您好\r\n";
    subject_.message = message;
    failure_.address = "王@far.test";
    failure_.original = "utf-8;\\x{738B}@far.test";
    failure_.remote_reply = "553 5.6.7 没有";
    const auto made = compose();
    EXPECT_TRUE(message::is_ascii(made.message));
    EXPECT_FALSE(made.smtputf8);
    EXPECT_EQ(type(made.message, 2), "message/delivery-status");
    EXPECT_THAT(part(made.message, 2), HasSubstr("Final-Recipient: utf-8;\\x{738B}@far.test\r\n"));
    EXPECT_THAT(part(made.message, 2), HasSubstr("Diagnostic-Code: smtp;553 5.6.7 \\x{6CA1}\\x{6709}\r\n"));
    EXPECT_EQ(type(made.message, 3), "message/global");
    EXPECT_EQ(part(made.message, 3), message);
    subject_.wanted_return = Return::headers;
    EXPECT_EQ(type(compose().message, 3), "message/global-headers");
}

TEST_F(ComposeTest, AnInternationalSenderGetsUtf8) {
    subject_.sender = *message::parse_address("安@here.test");
    failure_.address = "王@far.test";
    failure_.original = "utf-8;\\x{738B}@far.test";
    const auto made = compose();
    EXPECT_TRUE(made.smtputf8 && made.eight_bit);
    EXPECT_EQ(field(made.message, "To"), "安@here.test");
    EXPECT_EQ(type(made.message, 2), "message/global-delivery-status");
    EXPECT_THAT(part(made.message, 2), HasSubstr("Original-Recipient: utf-8;王@far.test\r\n"));
    EXPECT_EQ(field(made.message, "Content-Transfer-Encoding"), "8bit") << "RFC 2045 §6.4";
}

TEST_F(ComposeTest, HeadersThatAreNoUtf8GoAsTheyCame) {
    constexpr std::string_view message = "Subject: \xc4\xe3\xba\xc3\r\n\r\nx\r\n";
    subject_.message = message;
    auto made = compose();
    EXPECT_EQ(type(made.message, 3), "message/rfc822");
    EXPECT_TRUE(made.eight_bit);
    subject_.wanted_return = Return::headers;
    made = compose();
    EXPECT_EQ(type(made.message, 3), "text/rfc822-headers");
    EXPECT_FALSE(made.eight_bit);
}

TEST_F(ComposeTest, WhatAServerSaysCannotAddFieldsOrLines) {
    failure_.remote_reply =
        "550 no\r\n\r\nFinal-Recipient: rfc822;eve@x\r\nStatus: 2.0.0\x1b[31m\n" + std::string(9000, 'y');
    failure_.remote_host = "mx\r\nStatus: 2.0.0";
    const auto made = compose();
    const auto returned = parse_notification(made.message);
    ASSERT_TRUE(returned);
    ASSERT_EQ(returned->recipients.size(), 1u);
    EXPECT_EQ(to_string(returned->recipients[0].status), "5.1.1");
    EXPECT_THAT(part(made.message, 1), Not(HasSubstr("\x1b")));
    EXPECT_THAT(part(made.message, 1), Not(HasSubstr(std::string(600, 'y'))));
}

// ---- texts ----

bool has_chinese(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (static_cast<unsigned char>(text[i]) >= 0xe4 && static_cast<unsigned char>(text[i]) <= 0xe9)
            return true;
    return false;
}

TEST(Texts, EveryReasonIsThereInBothLanguagesOnce) {
    std::set<std::pair<int, int>> seen;
    for (const auto& row : all_reasons()) {
        const auto code = fmt::format("{}.{}", row.subject, row.detail);
        EXPECT_TRUE(seen.insert({row.subject, row.detail}).second) << code << " stands twice";
        for (const auto text : {row.in[0].what, row.in[0].advice}) {
            EXPECT_TRUE(text.ends_with('.') && message::is_ascii(text)) << code;
        }
        for (const auto text : {row.in[1].what, row.in[1].advice}) {
            EXPECT_TRUE(text.ends_with("。") && has_chinese(text) && message::valid_utf8(text)) << code;
        }
    }
}

// RFC 3463 §3 and what the registry of RFC 5248 got since.
TEST(Texts, EveryRegisteredCodeHasAReasonOfItsOwn) {
    const std::pair<int, int> last_detail[] = {{0, 0}, {1, 10}, {2, 4},  {3, 6},
                                               {4, 7}, {5, 6},  {6, 10}, {7, 30}};
    std::set<std::pair<int, int>> known;
    for (const auto& row : all_reasons()) known.insert({row.subject, row.detail});
    for (const auto& [subject, last] : last_detail)
        for (int detail = 0; detail <= last; ++detail)
            EXPECT_TRUE(known.contains({subject, detail})) << subject << "." << detail;
}

TEST(Texts, UnknownCodesGetTheReasonOfTheirSubject) {
    const auto reason = [](const char* code) {
        return reason_for(*parse_status(code), Language::english).what;
    };
    EXPECT_EQ(reason("5.1.77"), reason("5.1.0"));
    EXPECT_EQ(reason("5.99.1"), reason("5.0.0"));
    EXPECT_EQ(reason("4.2.2"), reason("5.2.2"));
}

TEST(Texts, EveryPhraseIsThereWithTheSamePlaces) {
    for (int i = 0; i < static_cast<int>(Phrase::count); ++i) {
        const auto english = text_of(static_cast<Phrase>(i), Language::english);
        const auto chinese = text_of(static_cast<Phrase>(i), Language::simplified_chinese);
        EXPECT_TRUE(!english.empty() && message::is_ascii(english)) << i;
        EXPECT_TRUE(has_chinese(chinese)) << i;
        EXPECT_EQ(english.contains("{}"), chinese.contains("{}")) << english;
        EXPECT_EQ(english.find("{}"), english.rfind("{}")) << english;
        EXPECT_EQ(chinese.find("{}"), chinese.rfind("{}")) << chinese;
    }
}

TEST(Texts, TheLanguageIsThatOfTheTag) {
    for (const auto* tag : {"zh", "zh-CN", "ZH-hans", "zh-Hans-CN"})
        EXPECT_EQ(language_of(tag), Language::simplified_chinese) << tag;
    for (const auto* tag : {"", "en", "de-AT", "zha"}) EXPECT_EQ(language_of(tag), Language::english) << tag;
}

}  // namespace
}  // namespace hongyan::dsn
