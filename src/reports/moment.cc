#include "reports/moment.h"

#include <chrono>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/scanner.h"

namespace hongyan::reports {

namespace {

// Exactly so many digits from the front; -1 if they are not there.
int take(std::string_view& in, std::size_t digits) {
    if (in.size() < digits) return -1;
    int value = 0;
    for (const char c : in.substr(0, digits)) {
        if (!ascii::is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    in.remove_prefix(digits);
    return value;
}

bool take_one_of(std::string_view& in, std::string_view which) {
    if (in.empty() || which.find(in.front()) == which.npos) return false;
    in.remove_prefix(1);
    return true;
}

// "Z", "+08:00"; seconds.
std::optional<int> take_offset(std::string_view& in) {
    if (in.empty() || take_one_of(in, "Zz")) return 0;
    const bool is_west = in.front() == '-';
    if (!take_one_of(in, "+-")) return std::nullopt;
    const int hours = take(in, 2);
    take_one_of(in, ":");
    const int minutes = take(in, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    const int seconds = hours * 3600 + minutes * 60;
    return is_west ? -seconds : seconds;
}

}  // namespace

std::optional<std::uint64_t> seconds_of(std::string_view in) {
    const int year = take(in, 4);
    const bool dash = take_one_of(in, "-");
    const int month = take(in, 2);
    const bool second_dash = take_one_of(in, "-");
    const int day = take(in, 2);
    const bool t = take_one_of(in, "Tt ");
    const int hour = take(in, 2);
    const bool colon = take_one_of(in, ":");
    const int minute = take(in, 2);
    const bool second_colon = take_one_of(in, ":");
    const int second = take(in, 2);
    if (!dash || !second_dash || !t || !colon || !second_colon) return std::nullopt;
    if (year < 1970 || month < 1 || day < 1 || hour < 0 || hour > 24 || minute < 0 || minute > 59 ||
        second < 0 || second > 60)
        return std::nullopt;
    if (take_one_of(in, "."))
        while (take(in, 1) >= 0) {
        }
    const auto offset = take_offset(in);
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!offset || !in.empty() || !date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const auto seconds = std::int64_t{days} * 86'400 + hour * 3600 + minute * 60 + second - *offset;
    if (seconds < 0) return std::nullopt;
    return static_cast<std::uint64_t>(seconds);
}

std::string moment_text(std::uint64_t seconds) {
    constexpr std::uint64_t year_10000 = 253'402'300'800;
    if (seconds >= year_10000) return fmt::format("{}", seconds);
    const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace hongyan::reports
