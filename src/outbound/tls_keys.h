// Where policies of TLS and what is counted for reports are in the engine's global scope:
// docs/formats/tls_policy.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::outbound::tls_keys {

inline constexpr std::string_view policies = "Tp";  // + domain: CachedSts
inline constexpr std::string_view days = "Td";      // + day, domain: TlsDay
inline constexpr std::string_view posts = "Th";     // + day, domain, 0, URI: a report that is to be posted
inline constexpr std::string_view wanted = "Tn";    // there: somebody wants all reports to be sent now

inline std::string policy(std::string_view domain) { return std::string(policies) + std::string(domain); }

// A day of UTC and the policy domain.
struct Day {
    std::chrono::sys_days day;
    std::string domain;

    friend auto operator<=>(const Day&, const Day&) = default;
};
std::string key_of(const Day& day);
std::optional<Day> parse_day(std::string_view key);

}  // namespace hongyan::outbound::tls_keys
