#include "message/listed_fields.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

std::optional<std::string> told(std::string_view message, const std::vector<std::string>& names) {
    const auto record = encode(summarize(message));
    std::string fields;
    const auto listed = ListedNames::of(names);
    if (!listed || !put_listed_fields(fields, SummaryView::of(record).value(), *listed)) return std::nullopt;
    return fields;
}

constexpr std::string_view letter =
    "Received: from a by b\r\n"
    "DATE: Sat, 21 Nov 2026 10:00:00 +0800\r\n"
    "From: Ann <ann@example.org>\r\n"
    "To: ben@example.org,\r\n"
    "\tcyn@example.org\r\n"
    "Subject: =?utf-8?B?5L2g5aW9?=\r\n"
    "no field at all\r\n"
    "Subject: another\r\n"
    "Message-Id:<1@example.org>\r\n"
    "Content-Type: text/plain; charset=gb18030\r\n"
    "\r\n"
    "Subject: of the body\r\n";

TEST(ListedFields, AreToldAsTheyStandInTheOrderOfTheMessage) {
    EXPECT_EQ(told(letter, {"subject", "From"}),
              "From: Ann <ann@example.org>\r\nSubject: =?utf-8?B?5L2g5aW9?=\r\nSubject: another\r\n");
    EXPECT_EQ(told(letter, {"To", "Date", "Message-ID"}),
              "DATE: Sat, 21 Nov 2026 10:00:00 +0800\r\nTo: ben@example.org,\r\n\tcyn@example.org\r\n"
              "Message-Id:<1@example.org>\r\n");
    EXPECT_EQ(told(letter, {"Content-Type", "List-Id"}), "Content-Type: text/plain; charset=gb18030\r\n");
    EXPECT_EQ(told(letter, {"Cc"}), "");
}

TEST(ListedFields, NamesThatAreNotKeptAreNotKnownToBeAbsent) {
    EXPECT_EQ(told(letter, {"Subject", "Received"}), std::nullopt);
    EXPECT_EQ(told(letter, {"X"}), std::nullopt);
    EXPECT_EQ(told(letter, {""}), std::nullopt);
}

TEST(ListedFields, AFieldThatDiffersFromThePlainOneByAnOctetIsKeptWhole) {
    for (const std::string_view field :
         {"Subject: a\n", "Subject:  a\r\n", "Subject: a \r\n", "subject: a\r\n", "Subject : a\r\n",
          "Subject: a\r\n b\r\n", "Subject:\r\n", "Subject: \r\n"}) {
        const auto message = std::string(field) + "To: b\r\n\r\n";
        EXPECT_EQ(told(message, {"Subject"}), field);
    }
}

TEST(ListedFields, AreLeftToTheMessageWhereTheyWouldTakeTooMuch) {
    std::string message = "Subject: a\r\nReferences:";
    for (int i = 0; i < 1'000; ++i) message += " <" + std::to_string(i) + "@example.org>";
    EXPECT_EQ(told(message + "\r\n\r\n", {"Subject"}), std::nullopt);
}

TEST(ListedFields, ASummaryOfAnOlderProgramKeepsNone) {
    auto summary = summarize(letter);
    summary.listed_fields.clear();
    const auto record = encode(summary);
    std::string fields;
    EXPECT_FALSE(put_listed_fields(fields, SummaryView::of(record).value(),
                                   ListedNames::of(std::vector<std::string>{"Subject"}).value()));
}

TEST(ListedFields, DamageIsNotTold) {
    auto summary = summarize(letter);
    const auto whole = summary.listed_fields;
    const auto names = ListedNames::of(std::vector<std::string>{"Subject", "To"}).value();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        summary.listed_fields = whole.substr(0, size);
        const auto record = encode(summary);
        std::string fields = "before";
        if (!put_listed_fields(fields, SummaryView::of(record).value(), names)) EXPECT_EQ(fields, "before");
    }
}

}  // namespace
}  // namespace hongyan::message
