// Dates as mail writes them: the Date field (RFC 5322 §3.3), IMAP's date-time (RFC 9051 §9), the From_ line
// of an mbox.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace hongyan::message {

// A moment, and where on earth its clock stood. Whole seconds.
struct DateTime {
    Instant instant;
    std::int32_t zone = 0;  // minutes east of UTC; 0 also for a zone that says nothing (RFC 5322 §3.3: -0000)

    friend bool operator==(const DateTime&, const DateTime&) = default;
};

// The value of a Date field, folded or not, or the end of a Received field. Read as tolerantly as real mail
// demands: the obsolete forms (RFC 5322 §4.3: years of two or three digits, zones by name, comments
// anywhere), missing day of week, seconds or zone (then UTC), asctime, ISO 8601, numbers of one digit, months
// in full. Nothing for what is no date of the years 1900 to 9999, or has a part out of its range; never
// another date.
std::optional<DateTime> parse_date(std::string_view value);

// "Fri, 21 Nov 1997 09:55:06 -0600": RFC 5322 §3.3, in the given zone (minutes east, within a day).
std::string format_date(Instant instant, std::int32_t zone = 0);

// date-time of IMAP without its quotes, "17-Jul-1996 02:44:25 -0700" (RFC 9051 §9), to the letter; the day
// may have one digit without the blank before it.
std::optional<DateTime> parse_internal_date(std::string_view text);
std::string format_internal_date(Instant instant, std::int32_t zone = 0);

// date-day "-" date-month "-" date-year of IMAP's SEARCH (RFC 9051 §9), "1-Feb-1994": that day's first
// moment, UTC.
std::optional<Instant> parse_search_date(std::string_view text);

// date-time of RFC 3339 §5.6, "2026-11-21T16:35:17Z", to the letter and with a zone; fractions of a second
// are dropped.
std::optional<Instant> parse_timestamp(std::string_view text);
// In UTC.
std::string format_timestamp(Instant instant);

// The time in the From_ line of an mbox, as asctime() writes it in UTC: "Thu Jan  1 00:00:00 1970" (RFC
// 4155). What other programs add is understood: a zone before or after the year, no seconds.
std::optional<Instant> parse_asctime(std::string_view text);
std::string format_asctime(Instant instant);

}  // namespace hongyan::message
