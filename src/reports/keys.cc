#include "reports/keys.h"

#include <fmt/format.h>

#include "base/scanner.h"

namespace hongyan::reports::keys {

namespace {

constexpr std::size_t digits = 6;  // days since 1970: until the year 4707

std::string dated(std::string_view prefix, std::chrono::sys_days day) {
    return fmt::format("{}{:06}", prefix, day.time_since_epoch().count());
}

// Takes the prefix and the day from the front.
std::optional<std::chrono::sys_days> take_day(std::string_view& key, std::string_view prefix) {
    if (!key.starts_with(prefix) || key.size() < prefix.size() + digits) return std::nullopt;
    key.remove_prefix(prefix.size());
    Scanner in(key.substr(0, digits));
    const auto number = in.number<std::uint32_t>();
    if (!in.complete()) return std::nullopt;
    key.remove_prefix(digits);
    return std::chrono::sys_days(std::chrono::days(number));
}

}  // namespace

std::string key_of(const Day& day) { return dated(domains, day.day) + day.domain; }
std::string rows_of(const Day& day) { return dated(rows, day.day) + day.domain + '\0'; }
std::string sums_of(std::chrono::sys_days day) { return dated(days, day); }

std::optional<Day> parse_day(std::string_view key) {
    const auto day = take_day(key, domains);
    if (!day || key.empty()) return std::nullopt;
    return Day{*day, std::string(key)};
}

std::optional<std::chrono::sys_days> parse_sums(std::string_view key) {
    const auto day = take_day(key, days);
    return key.empty() ? day : std::nullopt;
}

}  // namespace hongyan::reports::keys
