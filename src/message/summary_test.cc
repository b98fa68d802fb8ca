#include "message/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/record.h"
#include "message/structure_record.h"

namespace hongyan::message {
namespace {

constexpr std::string_view raw =
    "Date: Tue, 2 Jan 2024 04:04:05 +0100\r\n"
    "From: =?gb2312?B?1cXI/Q==?= <zhang@here.test>\r\n"
    "Sender: list@here.test\r\n"
    "Reply-To: a@here.test\r\n"
    "To: b@here.test,\r\n"
    "\tc@here.test\r\n"
    "Cc: d@here.test\r\n"
    "Cc: e@here.test\r\n"
    "Bcc: f@here.test\r\n"
    "Subject: Re: =?gb2312?B?1tjSqg==?=\r\n"
    "Message-ID: <2@here.test>\r\n"
    "In-Reply-To: <1@here.test>\r\n"
    "References: <0@here.test>\r\n <1@here.test>\r\n"
    "Content-Type: multipart/mixed; boundary=B\r\n"
    "\r\n"
    "--B\r\n"
    "Content-Type: text/html; charset=gb2312\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "PHA+1tjSqjwvcD48cD7NqNaqPC9wPg==\r\n"
    "--B\r\n"
    "Content-Type: message/rfc822\r\n"
    "Content-Disposition: attachment; filename=x.eml\r\n"
    "\r\n"
    "Subject: inner\r\n"
    "\r\n"
    "text\r\n"
    "--B--\r\n";

TEST(Summary, HoldsWhatAListingNeeds) {
    const auto summary = summarize(raw);
    EXPECT_EQ(summary.size, raw.size());
    EXPECT_EQ(summary.header_size, raw.find("--B"));
    EXPECT_EQ(summary.lines, 13U);
    EXPECT_EQ(summary.date, Instant(std::chrono::seconds(1'704'164'645)));
    EXPECT_EQ(summary.zone, 60);
    EXPECT_EQ(summary.envelope, (Envelope{.date = "Tue, 2 Jan 2024 04:04:05 +0100",
                                          .subject = "Re: =?gb2312?B?1tjSqg==?=",
                                          .from = "=?gb2312?B?1cXI/Q==?= <zhang@here.test>",
                                          .sender = "list@here.test",
                                          .reply_to = "a@here.test",
                                          .to = "b@here.test,\tc@here.test",
                                          .cc = "d@here.test, e@here.test",
                                          .bcc = "f@here.test",
                                          .in_reply_to = "<1@here.test>",
                                          .message_id = "<2@here.test>"}));
    EXPECT_EQ(summary.references, "<0@here.test> <1@here.test>");
    EXPECT_EQ(summary.preview, "重要 通知");
    EXPECT_TRUE(summary.has_attachment);
    EXPECT_FALSE(summary.is_truncated);
    EXPECT_EQ(summary.structure, parse(raw));
    ASSERT_EQ(summary.embedded.size(), 1U);
    EXPECT_EQ(summary.embedded[0].part, 2U);
    EXPECT_EQ(summary.embedded[0].envelope.subject, "inner");
}

TEST(Summary, GoesRoundThroughItsRecord) {
    for (const std::string_view message : {raw, std::string_view(), std::string_view("no header")}) {
        const auto summary = summarize(message);
        EXPECT_EQ(decode(encode(summary)), summary);
    }
}

// RFC 9051 §7.5.2 tells a field that is empty from one that is not there; older summaries do not.
TEST(Summary, KnowsWhichFieldsAreThereAndEmpty) {
    const auto summary = summarize(
        "Date: \r\nSubject:\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID:\r\nSubject: x\r\n\r\n");
    EXPECT_EQ(summary.envelope.blank, (Envelope::Blank{.date = true, .subject = true}));
    ASSERT_EQ(summary.embedded.size(), 1U);
    EXPECT_EQ(summary.embedded.front().envelope.blank, Envelope::Blank{.message_id = true});
    const auto record = encode(summary);
    EXPECT_EQ(decode(record), summary);
    const auto view = SummaryView::of(record).value();
    EXPECT_NE(view.subject().data(), nullptr);
    EXPECT_EQ(view.message_id().data(), nullptr);
    EXPECT_EQ(summarize("Subject:\r\nSubject: y\r\n\r\n").envelope.blank, Envelope::Blank{});
}

TEST(Summary, KeepsTheFieldsOfANewerProgram) {
    const auto later = RecordWriter(1).number(1, 0).text(99, "new").take();
    const auto summary = decode(later);
    ASSERT_TRUE(summary);
    EXPECT_EQ(encode(*summary), later);
}

TEST(Summary, RefusesDamage) {
    const auto whole = encode(summarize(raw));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = decode(std::string_view(whole).substr(0, size));
        if (!cut) EXPECT_EQ(cut.error().kind, Error::Kind::corrupt);
    }
    EXPECT_FALSE(decode(""));
    EXPECT_FALSE(decode(RecordWriter(2).take()));
    EXPECT_FALSE(decode(RecordWriter(1).number(1, 10).text(20, encode(parse("x"))).take()))
        << "a structure of another size";
}

TEST(SummaryView, ReadsSingleValues) {
    const auto summary = summarize(raw);
    const auto record = encode(summary);
    const auto view = SummaryView::of(record);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->size(), raw.size());
    EXPECT_EQ(view->date(), summary.date);
    EXPECT_EQ(view->zone(), 60);
    EXPECT_EQ(view->subject(), summary.envelope.subject);
    EXPECT_EQ(view->from(), summary.envelope.from);
    EXPECT_EQ(view->to(), summary.envelope.to);
    EXPECT_EQ(view->message_id(), "<2@here.test>");
    EXPECT_EQ(view->references(), summary.references);
    EXPECT_EQ(view->thread_key(), summary.thread_key);
    EXPECT_TRUE(view->has_attachment());
    EXPECT_EQ(*view->structure(), summary.structure);
}

TEST(Summary, OfAnOrdinaryMessageIsSmall) {
    const auto record = encode(
        summarize("From: Ann Example <ann@example.test>\r\nTo: Bob Example <bob@example.test>\r\n"
                  "Subject: Minutes of the meeting\r\nDate: Tue, 2 Jan 2024 04:04:05 +0100\r\n"
                  "Message-ID: <20240102040405.12345@example.test>\r\n\r\nHello Bob,\r\nhere they are.\r\n"));
    EXPECT_LT(record.size(), 260U);
}

TEST(Summary, OfAnyMessageFitsIntoOneValue) {
    std::string huge;
    for (const auto* const name : {"Date", "Subject", "From", "Sender", "Reply-To", "To", "Cc", "Bcc",
                                   "In-Reply-To", "Message-ID", "References"}) {
        huge += fmt::format("{}: ", name);
        for (int i = 0; i < 1000; ++i) huge += fmt::format("someone{}@example.test,\r\n ", i);
        huge += "x\r\n";
    }
    huge += "Content-Type: multipart/mixed; boundary=B\r\n\r\n";
    for (int i = 0; i < 50; ++i)
        huge += fmt::format("--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: {}\r\n\r\n\r\n",
                            std::string(1000, 's'));
    const auto summary = summarize(huge);
    EXPECT_TRUE(summary.is_truncated);
    EXPECT_TRUE(summary.envelope.to.ends_with("@example.test"));
    EXPECT_EQ(summary.structure, std::nullopt);
    EXPECT_TRUE(summary.embedded.empty());
    EXPECT_LT(encode(summary).size(), max_summary_size);
    EXPECT_EQ(decode(encode(summary)), summary);
}

}  // namespace
}  // namespace hongyan::message
