#include "message/mbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hongyan::message {
namespace {

using testing::ElementsAre;

std::vector<std::string> messages_in(std::string_view mbox) {
    std::vector<std::string> found;
    const auto result = read_mbox(mbox, [&](const FoundMessage& message) -> Result<void> {
        found.emplace_back(message.raw);
        return {};
    });
    EXPECT_TRUE(result) << result.error().message;
    return found;
}

constexpr std::string_view from_line = "From ann@here.test Tue Jan  2 03:04:05 2024\n";
std::string from(std::string_view rest) { return std::string(from_line) + std::string(rest); }

TEST(Mbox, IsCutAtFromLinesAfterEmptyLines) {
    const auto mbox = from("A: 1\n\none\n\n") + from("A: 2\n\ntwo\n\n");
    EXPECT_THAT(messages_in(mbox), ElementsAre("A: 1\n\none\n", "A: 2\n\ntwo\n"));
}

struct Row {
    std::string_view what;
    std::string mbox;
    std::vector<std::string> messages;
};

TEST(Mbox, IsReadAsItIsFound) {
    const Row rows[] = {
        {"nothing", "", {}},
        {"no empty line at the end", from("A: b\n\nx\n"), {"A: b\n\nx\n"}},
        {"no line end at the end", from("A: b\n\nx"), {"A: b\n\nx"}},
        {"only a From_ line", std::string(from_line), {""}},
        {"From within a paragraph",
         from("A: b\n\nx\nFrom y Tue Jan  2 03:04:05 2024\n"),
         {"A: b\n\nx\nFrom y Tue Jan  2 03:04:05 2024\n"}},
        {"From without a date", from("A: b\n\nx\n\nFrom here on\n"), {"A: b\n\nx\n\nFrom here on\n"}},
        {"quoted",
         from("A: b\n\n>From x\n>>From y\n> From z\n>Fromage\nx >From\n"),
         {"A: b\n\nFrom x\n>From y\n> From z\n>Fromage\nx >From\n"}},
        {"CRLF",
         "From a Tue Jan  2 03:04:05 2024\r\nA: b\r\n\r\nx\r\n\r\nFrom a Tue Jan  2 03:04:05 2024\r\n\r\n",
         {"A: b\r\n\r\nx\r\n", ""}},
        {"a wrong Content-Length",
         from("Content-Length: 1\n\nx\n\n") + from("A: 2\n\n\n"),
         {"Content-Length: 1\n\nx\n", "A: 2\n\n"}},
        {"a zone in the From_ line",
         from("A: 1\n\n\n") + "From a Tue Jan 2 03:04:05 CET 2024\nA: 2\n\n\n",
         {"A: 1\n\n", "A: 2\n\n"}},
        {"a From_ line without a sender",
         from("A: 1\n\n\n") + "From  Tue Jan 2 03:04 2024\nA: 2\n\n\n",
         {"A: 1\n\n", "A: 2\n\n"}},
    };
    for (const auto& row : rows) EXPECT_EQ(messages_in(row.mbox), row.messages) << row.what;
}

TEST(Mbox, BeginsWithAFromLine) {
    EXPECT_EQ(read_mbox("A: b\n\n", [](const FoundMessage&) -> Result<void> { return {}; }).error().kind,
              Error::Kind::invalid);
}

TEST(Mbox, TellsWhenAMessageCame) {
    std::optional<Instant> date;
    const auto visit = [&](const FoundMessage& message) -> Result<void> {
        date = message.internal_date;
        return {};
    };
    ASSERT_TRUE(read_mbox(from("A: b\n\n"), visit));
    EXPECT_EQ(date, Instant(std::chrono::sys_days(std::chrono::year(2024) / 1 / 2) + std::chrono::hours(3) +
                            std::chrono::minutes(4) + std::chrono::seconds(5)));
    ASSERT_TRUE(read_mbox("From a some day\nA: b\n\n", visit));
    EXPECT_EQ(date, std::nullopt);
}

TEST(Mbox, EntriesNameSenderAndTimeAndQuoteFromLines) {
    const auto when = Instant(std::chrono::seconds(1'704'164'645));
    EXPECT_EQ(mbox_entry("A: b\n\nFrom x\n>From y\n", "ann@here.test", when),
              "From ann@here.test Tue Jan  2 03:04:05 2024\nA: b\n\n>From x\n>>From y\n\n");
    EXPECT_EQ(mbox_entry("x", "two words", when), "From MAILER-DAEMON Tue Jan  2 03:04:05 2024\nx\n\n");
}

RC_GTEST_PROP(Mbox, GivesBackWhatWasWritten, ()) {
    const auto piece = rc::gen::element<std::string>("From ", ">", "\n", "\r\n", "a",
                                                     "\n\nFrom a Tue Jan 2 03:04:05 2024\n");
    const auto message =
        rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                     [](const auto& pieces) { return fmt::format("{}\n", fmt::join(pieces, "")); });
    const auto messages = *rc::gen::container<std::vector<std::string>>(message);
    std::string mbox;
    for (const auto& raw : messages) mbox += mbox_entry(raw, "a", Instant{});
    RC_ASSERT(messages_in(mbox) == messages);
}

}  // namespace
}  // namespace hongyan::message
