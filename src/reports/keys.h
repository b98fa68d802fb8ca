// Where counts, reports that wait and reports of others are in the engine's global scope:
// docs/formats/reports.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::reports::keys {

inline constexpr std::string_view domains = "Ma";   // + day, domain: DomainDay
inline constexpr std::string_view rows = "Mb";      // + day, domain, 0, digest: Row
inline constexpr std::string_view days = "Mc";      // + day: DaySums
inline constexpr std::string_view failures = "Mf";  // + number: Failure, that is to be sent
inline constexpr std::string_view wanted = "Mn";    // there: somebody wants reports to be sent now
inline constexpr std::string_view outlines = "Mr";  // + id: what was received
inline constexpr std::string_view pieces = "Ms";    // + id, number: its text
inline constexpr std::string_view kept = "Mt";      // how many of them there are
inline constexpr std::string_view losses = "Mu";    // + name: what was dropped, losses.h

// A day of UTC and the policy domain: A-labels in lower case.
struct Day {
    std::chrono::sys_days day;
    std::string domain;
    friend auto operator<=>(const Day&, const Day&) = default;
};
std::string key_of(const Day& day);   // of its DomainDay
std::string rows_of(const Day& day);  // all its rows begin with that
std::string sums_of(std::chrono::sys_days day);
// Of the key of a DomainDay.
std::optional<Day> parse_day(std::string_view key);
// Of the key of a DaySums.
std::optional<std::chrono::sys_days> parse_sums(std::string_view key);

}  // namespace hongyan::reports::keys
