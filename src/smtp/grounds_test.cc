#include "smtp/grounds.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/file.h"

namespace hongyan::smtp {
namespace {

using testing::Contains;
using testing::MatchesRegex;

// Of the registry of RFC 5248, "Enumerated Status Codes", those that a refusal of mail may need: what stands
// behind the class.
const std::set<std::string_view> registered{
    "0.0",  "1.0",  "1.1",  "1.2",  "1.3",  "1.6",  "1.7",  "1.8",  "1.10", "2.0",  "2.1",  "2.2",  "2.3",
    "3.0",  "3.1",  "3.2",  "3.3",  "3.4",  "3.5",  "4.0",  "4.1",  "4.2",  "4.3",  "4.4",  "4.5",  "4.6",
    "4.7",  "5.0",  "5.1",  "5.2",  "5.3",  "5.4",  "5.5",  "6.0",  "6.1",  "6.2",  "6.3",  "6.4",  "6.5",
    "6.6",  "6.7",  "6.8",  "6.9",  "7.0",  "7.1",  "7.2",  "7.3",  "7.4",  "7.5",  "7.6",  "7.7",  "7.8",
    "7.9",  "7.10", "7.11", "7.12", "7.13", "7.14", "7.15", "7.16", "7.17", "7.18", "7.19", "7.20", "7.21",
    "7.22", "7.23", "7.24", "7.25", "7.26", "7.27", "7.28", "7.29", "7.30"};

bool is_printable(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

TEST(Grounds, AreRowsThatAClientAndAnAdministratorUnderstand) {
    std::set<std::string_view> codes;
    for (const auto& row : grounds) {
        EXPECT_TRUE(codes.insert(row.code).second) << row.code << " comes twice";
        EXPECT_THAT(std::string(row.code), MatchesRegex("[a-z][a-z-]*[a-z]"));
        EXPECT_TRUE(row.reply / 100 == 4 || row.reply / 100 == 5) << row.code;
        EXPECT_TRUE(is_printable(row.sentence)) << row.code;
        EXPECT_TRUE(is_printable(row.by)) << row.code;
    }
}

// RFC 3463 §3.1: the class tells what the first digit of the reply tells.
TEST(Grounds, HaveAStatusOfTheirReplysClassThatIsRegistered) {
    for (const auto& row : grounds) {
        ASSERT_GT(row.status.size(), 2U) << row.code;
        EXPECT_EQ(row.status.substr(0, 2), fmt::format("{}.", row.reply / 100)) << row.code;
        EXPECT_THAT(registered, Contains(row.status.substr(2))) << row.code;
    }
}

TEST(Grounds, GiveReplies) {
    const auto reply = ground("null-mx").because("far.test");
    EXPECT_EQ(to_text(reply),
              "550 5.7.27 far.test takes no mail, so nobody could tell you of a failure (null-mx)");
    EXPECT_EQ(reply.ground, "null-mx");
    EXPECT_EQ(Reply(ground("filter-away").plain()).ground, "filter-away");
    const auto told = ground("milter").in_words_of({554, "5.7.9", "100% unwanted"});
    EXPECT_EQ(to_text(told), "554 5.7.9 100% unwanted");
    EXPECT_EQ(told.ground, "milter");
}

std::string in_markdown() {
    std::string page =
        "# Refusals\n\n"
        "The grounds on which mail is refused: by those who judge it, by limits that are set, and because of "
        "who may write to whom. The\ncode stays what it is; `hongyan trace` shows it (`ground`), and so does "
        "the log. `{}` stands for what is known only when it\nhappens. 4xx: the sender may try again, 5xx: "
        "it is not to. The enhanced status is of RFC 3463 and the registry of RFC 5248.\n\n"
        "Other replies have no code. Where they answer MAIL, RCPT or a message, the trace and the log tell "
        "of them as they stand:\n\n"
        "| Reply | What has happened |\n|---|---|\n"
        "| 500 to 504, 555, 554 5.5.1 | grammar, the order of commands, parameters |\n"
        "| 432, 454, 530, 534, 535, 538 | a log-in, or TLS that is missing |\n"
        "| 451 4.3.0, 451 4.3.2, 452 4.3.1 | a fault of ours, too much to do, no room on the disk or in "
        "memory; of judges there are `judge-broken` and `judge-busy` |\n"
        "| 421 4.3.2, 421 4.4.2, 421 4.7.0 | the session ends: the server does, it was silent for too long, "
        "or there were too many mistakes, commands or failed log-ins |\n"
        "| 550 5.1.2 | a recipient in a domain that cannot exist |\n"
        "| 553 5.1.7, 553 5.6.7 | an address without a domain, or one that needs SMTPUTF8 |\n"
        "| 451 4.2.0 | a recipient has changed between RCPT and the end of the message |\n"
        "| 550 5.2.4 | a list that leads to more than 10,000 names, or through more than ten aliases in a "
        "row: nobody "
        "has the mail, rather than only some |\n"
        "| 552 5.3.4 \"at once\" | the message is larger than what a mailbox can hold at all, or for so many "
        "mailboxes (some 30,000) that no single commit could hold it |\n"
        "| 554 5.4.6 \"passed it on before\" | an address of ours has passed the message on already |\n"
        "| 554 5.5.4, 554 5.6.6, 554 5.7.0, 554 5.7.8, 554 5.3.4 | a URL (BURL) that cannot be fetched |\n"
        "| 458 4.3.0, 459 4.7.1 | ETRN |\n\n"
        "The trace finds a refused message by its addresses and, where it had come, by its Message-ID: not "
        "what was too large, or found\nno room. MAIL FROM:<> is in the log only. A connection that is not "
        "even taken (`ban.*`, `limits.connections`) is told of in the log.\n\n"
        "`src/smtp/grounds.h` is the table, and this page is made of it.\n\n"
        "| Code | Reply | Sentence | Who refuses |\n|---|---|---|---|\n";
    for (const auto& row : grounds)
        page += fmt::format("| `{}` | {} {} | {} | {} |\n", row.code, row.reply, row.status, row.sentence,
                            row.by);
    return page;
}

// HONGYAN_WRITE_DOCS=1 smtp_test brings the page up to date.
TEST(Grounds, ThePageInDocsIsTheTable) {
    const auto page = std::filesystem::path(SOURCE_ROOT) / "docs" / "refusals.md";
    if (std::getenv("HONGYAN_WRITE_DOCS") != nullptr) ASSERT_TRUE(write_file(page, in_markdown()));
    EXPECT_EQ(read_file(page), in_markdown());
}

}  // namespace
}  // namespace hongyan::smtp
