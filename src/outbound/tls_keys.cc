#include "outbound/tls_keys.h"

#include <fmt/format.h>

#include "base/scanner.h"

namespace hongyan::outbound::tls_keys {

namespace {

constexpr std::size_t digits = 6;  // days since 1970: until the year 4707

}  // namespace

std::string key_of(const Day& day) {
    return fmt::format("{}{:06}{}", days, day.day.time_since_epoch().count(), day.domain);
}

std::optional<Day> parse_day(std::string_view key) {
    if (!key.starts_with(days) || key.size() <= days.size() + digits) return std::nullopt;
    key.remove_prefix(days.size());
    Scanner in(key.substr(0, digits));
    const auto number = in.number<std::uint32_t>();
    if (!in.complete()) return std::nullopt;
    return Day{std::chrono::sys_days(std::chrono::days(number)), std::string(key.substr(digits))};
}

}  // namespace hongyan::outbound::tls_keys
