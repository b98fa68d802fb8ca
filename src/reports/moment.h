// Moments in reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::reports {

// "2026-11-22T00:00:00Z" or with an offset, fractions of seconds left out (RFC 3339 §5.6), as seconds since
// 1970 UTC; nothing if it is none or before that.
std::optional<std::uint64_t> seconds_of(std::string_view rfc3339);

// The moment as "2026-11-22T00:00:00Z"; what is beyond the year 9999 as its number.
std::string moment_text(std::uint64_t seconds);

}  // namespace hongyan::reports
