#include "message/date.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace hongyan::message {
namespace {

using std::chrono::seconds;

struct Row {
    std::string_view written;
    std::string_view meant;  // as format_date() writes it; empty: no date
};

std::string meaning(std::string_view written) {
    const auto date = parse_date(written);
    return date ? format_date(date->instant, date->zone) : "";
}

TEST(Date, TheExamplesOfRfc5322AppendixAAreRead) {
    constexpr Row rows[] = {
        {"Fri, 21 Nov 1997 09:55:06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"},  // A.1.1
        {"Tue, 1 Jul 2003 10:52:37 +0200", "Tue, 1 Jul 2003 10:52:37 +0200"},    // A.1.2
        {"Thu, 13 Feb 1969 23:32:54 -0330", "Thu, 13 Feb 1969 23:32:54 -0330"},  // A.1.3
        {"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 "
         "(Newfoundland "
         "Time)",
         "Thu, 13 Feb 1969 23:32:00 -0330"},                                                     // A.5
        {"21 Nov 97 09:55:06 GMT", "Fri, 21 Nov 1997 09:55:06 +0000"},                           // A.6.2
        {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "Fri, 21 Nov 1997 09:55:06 -0600"},  // A.6.3
    };
    for (const auto& [written, meant] : rows) EXPECT_EQ(meaning(written), meant) << written;
}

TEST(Date, ObsoleteAndRealFormsAreRead) {
    constexpr Row rows[] = {
        {"Mon, 5 Jan 98 10:00:00 +0800 (CST)", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon, 05 Jan 1998 10:00:00 +0800 (中国标准时间)", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"5 Jan 49 10:00 Z", "Tue, 5 Jan 2049 10:00:00 +0000"},
        {"5 Jan 50 10:00 Z", "Thu, 5 Jan 1950 10:00:00 +0000"},
        {"5 Jan 100 10:00 UT", "Wed, 5 Jan 2000 10:00:00 +0000"},
        {"5 Jan 1998 1:2:3 EST", "Mon, 5 Jan 1998 01:02:03 -0500"},
        {"5 Jan 1998 10:00:00 K", "Mon, 5 Jan 1998 10:00:00 +0000"},
        {"5 Jan 1998 10:00:00 -0000", "Mon, 5 Jan 1998 10:00:00 +0000"},
        {"5 Jan 1998 10:00:00", "Mon, 5 Jan 1998 10:00:00 +0000"},
        {"5 Jan 1998", "Mon, 5 Jan 1998 00:00:00 +0000"},
        {"5-Jan-1998 10:00:00 +0800", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Monday, 5 January 1998 10:00:00 PST", "Mon, 5 Jan 1998 10:00:00 -0800"},
        {"Mon Jan  5 10:00:00 1998", "Mon, 5 Jan 1998 10:00:00 +0000"},
        {"Mon Jan 5 10:00:00 CST 1998", "Mon, 5 Jan 1998 10:00:00 -0600"},
        {"Mon Jan 5 10:00:00 +0800 1998", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon Jan 5 10:00 1998 +0800", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Jan 5, 1998 10:00:00 PM", "Mon, 5 Jan 1998 22:00:00 +0000"},
        {"Jan 5, 1998 12:30 AM GMT", "Mon, 5 Jan 1998 00:30:00 +0000"},
        {"Mon, 5 Jan 1998 10:00:00 GMT+8", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon, 5 Jan 1998 10:00:00 +08:00", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon, 5 Jan 1998 10:00:00 +800", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon, 5 Jan 1998 10:00:00 +0800 CST", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"Mon,5 Jan 1998 10:00:00 -0330", "Mon, 5 Jan 1998 10:00:00 -0330"},
        {"Lun, 5 Jan 1998 10:00:00 +0100", "Mon, 5 Jan 1998 10:00:00 +0100"},
        {"Sat, 31 Dec 2016 23:59:60 +0000", "Sun, 1 Jan 2017 00:00:00 +0000"},
        {"1998-01-05T10:00:00Z", "Mon, 5 Jan 1998 10:00:00 +0000"},
        {"1998-01-05 10:00:00.250 +0800", "Mon, 5 Jan 1998 10:00:00 +0800"},
        {"1998/01/05 Mon 10:00:00 CDT", "Mon, 5 Jan 1998 10:00:00 -0500"},
        {"Thu, 22 Aug 0102 12:07:35 +0800", "Thu, 22 Aug 2002 12:07:35 +0800"},
        {"1998-01-05", "Mon, 5 Jan 1998 00:00:00 +0000"},
        {"29 Feb 2000 10:00:00 +0000", "Tue, 29 Feb 2000 10:00:00 +0000"},
    };
    for (const auto& [written, meant] : rows) EXPECT_EQ(meaning(written), meant) << written;
}

TEST(Date, WhatIsNoDateIsNone) {
    constexpr std::string_view rows[] = {
        "",
        "now",
        "5 Jan",
        "Jan 1998",
        "32 Jan 1998 10:00:00 +0000",
        "0 Jan 1998",
        "29 Feb 1999 10:00:00 +0000",
        "5 Jan 1998 24:00:00 +0000",
        "5 Jan 1998 10:60:00 +0000",
        "5 Jan 1998 10:00:61 +0000",
        "5 Jan 1998 10:00:00 +9959",
        "5 Jan 1998 10:00:00 +0860",
        "5 Jan 1998 10:00:00 +08000",
        "5 Jan 12345 10:00:00 +0000",
        "5 Jan 1 10:00:00 +0000",
        "5 Jan 1066 10:00:00 +0000",
        "31 Dec 9999 23:59:59 -0100",
        "5 Jan 99999999999999999999 10:00",
        "99999999999999999999 Jan 1998",
        "5/1/98 10:00",
        "5 Foo 1998 10:00:00 +0000",
        "on 5 the Jan 1998",
        "5 Jan 1998 1000:00",
        "13:00 PM 5 Jan 1998",
        "(5 Jan 1998 10:00:00",
        "1998-13-05T10:00:00Z",
        "1998-01-05T25:00:00Z",
        "1998-01-05T10:00:00+99:00",
    };
    for (const auto written : rows) EXPECT_EQ(parse_date(written), std::nullopt) << written;
}

TEST(Date, AnyLengthIsReadInTheTimeOfALook) {
    std::string text(1'000'000, '(');
    EXPECT_FALSE(parse_date(text));
    text.assign(1'000'000, '1');
    EXPECT_FALSE(parse_date(text));
}

TEST(Date, WhatIsWrittenReadsBack) {
    EXPECT_TRUE(rc::check("of any second and zone", [] {
        const auto second = *rc::gen::inRange<std::int64_t>(-2'000'000'000, 250'000'000'000);
        const auto zone = *rc::gen::inRange<std::int32_t>(-1439, 1440);
        const Instant instant{seconds(second)};
        RC_ASSERT(parse_date(format_date(instant, zone)) == (DateTime{instant, zone}));
        RC_ASSERT(parse_internal_date(format_internal_date(instant, zone)) == (DateTime{instant, zone}));
        RC_ASSERT(parse_asctime(format_asctime(instant)) == instant);
    }));
}

TEST(InternalDate, IsReadAndWrittenToTheLetter) {
    const auto date = parse_internal_date("17-Jul-1996 02:44:25 -0700");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->zone, -420);
    EXPECT_EQ(date->instant, Instant(seconds(837'596'665)));
    EXPECT_EQ(format_internal_date(date->instant, date->zone), "17-Jul-1996 02:44:25 -0700");
    EXPECT_EQ(format_internal_date(Instant(seconds(0))), " 1-Jan-1970 00:00:00 +0000");
    for (const auto* good :
         {" 7-JUL-1996 02:44:25 -0700", "07-jul-1996 02:44:25 -0700", "7-Jul-1996 02:44:25 -0700"})
        EXPECT_TRUE(parse_internal_date(good)) << good;
    for (const auto* bad :
         {"", "17-Jul-1996", "17-Jul-96 02:44:25 -0700", "17 Jul 1996 02:44:25 -0700", "17-Jul-1996 02:44:25",
          "17-Jul-1996 02:44:25 -0700 ", "17-Jul-1996 2:44:25 -0700", "32-Jul-1996 02:44:25 -0700",
          "17-July-1996 02:44:25 -0700", "17-Jul-1996 02:44:25 -2400", "17-Jul-1996 24:44:25 -0700",
          "17-Jul-1996 02:44:25 -0760"})
        EXPECT_FALSE(parse_internal_date(bad)) << bad;
}

TEST(Timestamp, IsThatOfRfc3339) {
    const Instant instant(seconds(1'700'000'000));
    EXPECT_EQ(format_timestamp(instant), "2023-11-14T22:13:20Z");
    for (const auto* good : {"2023-11-14T22:13:20Z", "2023-11-15T06:13:20+08:00", "2023-11-14T22:13:20.75Z",
                             "2023-11-14T18:43:20-03:30"})
        EXPECT_EQ(parse_timestamp(good), instant) << good;
    for (const auto* bad :
         {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13Z", "2023-11-14 22:13:20Z",
          "2023-11-31T22:13:20Z", "2023-11-14T24:13:20Z", "2023-11-14T22:13:20+8:00", "2023-11-14T22:13:20.Z",
          "2023-11-14T22:13:20+24:00", "2023-11-14T22:13:20Z ", "23-11-14T22:13:20Z"})
        EXPECT_FALSE(parse_timestamp(bad)) << bad;
}

TEST(SearchDate, IsADayOfUtc) {
    EXPECT_EQ(parse_search_date("1-Feb-1994"), Instant(seconds(760'060'800)));
    EXPECT_EQ(parse_search_date("01-feb-1994"), Instant(seconds(760'060'800)));
    for (const auto* bad : {"", "1-Feb", "1-Feb-94", "30-Feb-1994", "1-Feb-1994 ", "1/2/1994"})
        EXPECT_FALSE(parse_search_date(bad)) << bad;
}

TEST(Asctime, IsThatOfTheFromLine) {
    EXPECT_EQ(format_asctime(Instant(seconds(0))), "Thu Jan  1 00:00:00 1970");
    EXPECT_EQ(parse_asctime("Thu Jan  1 00:00:10 1970"), Instant(seconds(10)));
    EXPECT_EQ(parse_asctime("Thu Jan  1 01:00 MET 1970"), Instant(seconds(0)));
}

}  // namespace
}  // namespace hongyan::message
