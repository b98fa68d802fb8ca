// Bounces that come back are tied to what they are about.
#include "flow/flow_fixture.h"

namespace hongyan::flow {
namespace {

using namespace std::chrono_literals;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ReturnedTest : public FlowTest {
public:
    // Ann's message to bob@far.test has been taken by his server.
    queue::EntryId sent(std::string_view message_id = "<one@here.test>") {
        EXPECT_TRUE(queue.begin());
        auto message = mail({"<bob@far.test>"}, {.account = "ann@here.test"},
                            fmt::format("Message-ID: {}\r\n\r\nHello\r\n", message_id));
        message.envelope.sender = message::parse_path("<ann@here.test>").value();
        EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
        auto taking = queue.take(queue.ready("far.test", {}).value().dues, 1h);
        EXPECT_TRUE(engine->transact(taking.part.scope, taking.part.work));
        const auto& due = taking.found->dues.at(0);
        const auto part = queue.settle({{.who = {due.id, due.index},
                                         .token = taking.found->lease.token,
                                         .state = queue::RecipientState::delivered,
                                         .attempt = {.time = clock.now(),
                                                     .host = "mx.far.test",
                                                     .address = "[192.0.2.7]:25",
                                                     .reply = "250 Ok"}}});
        EXPECT_TRUE(engine->transact(part.scope, part.work));
        return due.id;
    }
    void bounce(queue::EntryId id, std::string_view about, std::string_view to, std::string_view status) {
        bounce_with(
            fmt::format("Received: from a by mail.here.test id {}; Sat, 21 Nov 2026 07:48:06 +0000\r\n",
                        to_string(id)),
            about, to, status);
    }
    void bounce_with(std::string_view returned_header, std::string_view about, std::string_view to,
                     std::string_view status) {
        auto message =
            mail({to}, {.address = comes_from},
                 fmt::format("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
                             "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
                             "Reporting-MTA: dns; mx.far.test\r\n\r\n"
                             "Final-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: {}\r\n"
                             "Diagnostic-Code: smtp; 550 {} nobody\r\n\r\n"
                             "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{}\r\n--b--\r\n",
                             about, status, status, returned_header));
        message.envelope.sender = {};
        EXPECT_THAT(deliver(message), ElementsAre("250 2.0.0"));
    }
    std::string comes_from = "192.0.2.7";
    std::size_t records_of(queue::EntryId id) { return queue.story(id).value().records.size(); }
    bool is_suppressed() { return queue.suppression("ann@here.test", "bob@far.test").value().has_value(); }
};

TEST_F(ReturnedTest, ABounceIsTiedToItsMessage) {
    const auto id = sent();
    clock.advance(1min);
    bounce(id, "Bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_THAT(inbox_of(ann), SizeIs(1)) << "it is delivered like any other";
    const auto story = queue.story(id).value();
    ASSERT_THAT(story.records, SizeIs(2));
    EXPECT_EQ(story.records[1].what, queue::Happened::failed);
    EXPECT_EQ(story.records[1].attempt.host, "mx.far.test");
    EXPECT_EQ(story.records[1].attempt.reply, "bounced back: 550 5.1.1 nobody");
    EXPECT_TRUE(is_suppressed());
}

// Whoever takes our trace out, or writes another, leaves the Message-ID.
TEST_F(ReturnedTest, ABounceWithoutOurTraceIsTiedByTheMessageId) {
    const auto id = sent();
    bounce_with("Message-ID: <one@here.test>\r\n", "bob@far.test", "<ann@here.test>", "5.7.1");
    EXPECT_EQ(records_of(id), 2U);
    bounce_with("Received: by mail.here.test id 0123456789ab; date\r\nMessage-ID: <one@here.test>\r\n",
                "bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_TRUE(is_suppressed());
}

// RFC 5322 §3.6.4: comments and quotes make no other identifier.
TEST_F(ReturnedTest, TheMessageIdIsReadAsTheHistoryKeepsIt) {
    for (const auto* const value :
         {"<1@here.test> (added by x)", "<\"a b\"@here.test>", "2@here.test", "<3>"}) {
        const auto id = sent(value);
        bounce_with(fmt::format("Message-ID: {}\r\n", value), "bob@far.test", "<ann@here.test>", "5.7.1");
        EXPECT_EQ(records_of(id), 2U) << value;
    }
}

// What goes on under two reverse-paths is two entries, and each says in its trace by which id it is known.
TEST_F(ReturnedTest, EveryEntryIsNamedInItsTrace) {
    std::vector<std::string_view> recipients(queue::most_recipients + 1, "<x@there.test>");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < recipients.size(); ++i) names.push_back(fmt::format("<x{}@there.test>", i));
    std::ranges::copy(names, recipients.begin());
    EXPECT_THAT(deliver(mail(recipients, {.account = "ann@here.test"})), ElementsAre("250 2.0.0"));
    ASSERT_THAT(queued(), SizeIs(2));
    for (const auto& entry : queued()) EXPECT_THAT(entry.prefix, HasSubstr(" id " + to_string(entry.id)));
}

TEST_F(ReturnedTest, WhatAStrangerMayHaveMadeUpIsNot) {
    const auto id = sent();
    bounce(id, "eve@far.test", "<ann@here.test>", "5.1.1");
    bounce(id, "bob@far.test", "<bob@here.test>", "5.1.1");
    bounce(id.next(), "bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_EQ(records_of(id), 1U);
    EXPECT_FALSE(is_suppressed());
    bounce(id, "bob@far.test", "<ann@here.test>", "5.7.1");
    EXPECT_EQ(records_of(id), 2U);
    EXPECT_FALSE(is_suppressed()) << "a policy";
}

// Who got the same message knows its Message-ID and our trace.
TEST_F(ReturnedTest, AFellowRecipientSuppressesNobody) {
    const auto id = sent();
    for (const auto* const address : {"192.0.2.66", "2001:db8::7", ""}) {
        comes_from = address;
        bounce(id, "bob@far.test", "<ann@here.test>", "5.1.1");
        EXPECT_FALSE(is_suppressed()) << address;
    }
    EXPECT_EQ(records_of(id), 2U) << "it is told, so that she sees who said what";
    comes_from = "192.0.2.7";
    bounce(id, "bob@far.test", "<ann@here.test>", "5.1.1");
    EXPECT_TRUE(is_suppressed()) << "the host that took it";
}

}  // namespace
}  // namespace hongyan::flow
