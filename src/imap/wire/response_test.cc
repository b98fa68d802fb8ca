#include "imap/wire/response.h"

#include <gtest/gtest.h>

#include "imap/wire/writer.h"

namespace hongyan::imap::wire {
namespace {

TEST(Response, StatusResponsesHaveTheirCodes) {
    std::string out;
    put_status(out, untagged, Condition::ok, {Code::uid_next, "4392", "Predicted next UID"});
    put_status(out, "a1", Condition::no, {.text = "no\r\nsuch 重"});
    put_numbered(out, 23, "EXISTS");
    put_continuation(out, "idling");
    EXPECT_EQ(out,
              "* OK [UIDNEXT 4392] Predicted next UID\r\na1 NO no??such ???\r\n* 23 EXISTS\r\n+ idling\r\n");
}

TEST(Writer, QuotesWhereItCanAndCountsWhereItMust) {
    const std::pair<std::string, std::string> rows[] = {
        {"", "\"\""},       {"a\"b\\", "\"a\\\"b\\\\\""},
        {"a b", "\"a b\""}, {"a\r\n", "{3}\r\na\r\n"},
        {"é", "{2}\r\né"},  {std::string("\0", 1), std::string("{1}\r\n\0", 6)},
    };
    for (const auto& [text, wire] : rows) {
        std::string out;
        put_string(out, text);
        EXPECT_EQ(out, wire);
    }
    std::string out;
    for (const auto* text : {"INBOX", "nil", "a]b", "a{"}) put_astring(out, text);
    EXPECT_EQ(out, "INBOX\"nil\"a]b\"a{\"");
}

TEST(Writer, DatesHaveTheirZone) {
    std::string out;
    put_date_time(
        out, DateTime{.instant = Instant(std::chrono::milliseconds(0)), .zone = std::chrono::minutes(-90)});
    put_date_time(out, Instant(std::chrono::milliseconds(951'782'400'999)));
    EXPECT_EQ(out, "\"31-Dec-1969 22:30:00 -0130\"\"29-Feb-2000 00:00:00 +0000\"");
}

}  // namespace
}  // namespace hongyan::imap::wire
