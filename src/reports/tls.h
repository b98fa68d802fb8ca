// Reports of others on TLS sessions with our servers (RFC 8460 §4).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::reports {

// Sessions that failed in the same way.
struct TlsFailure {
    std::string result = {};  // "certificate-expired", … (RFC 8460 §4.3)
    std::string sending_address = {}, mx_host = {}, receiving_address = {};
    std::string reason = {}, more = {};  // a code of the reporter; a URI
    std::uint64_t count = 0;
    friend auto operator<=>(const TlsFailure&, const TlsFailure&) = default;
};

struct TlsPolicySums {
    std::string type = {};  // "tlsa", "sts", "no-policy-found"
    std::string domain = {};
    std::vector<std::string> lines = {}, mx = {};
    std::uint64_t successes = 0, failures = 0;  // sessions
    std::vector<TlsFailure> details = {};
    friend auto operator<=>(const TlsPolicySums&, const TlsPolicySums&) = default;
};

struct TlsReport {
    std::string organization = {}, contact = {}, id = {};
    std::uint64_t begin = 0, end = 0;  // seconds since 1970 UTC
    std::vector<TlsPolicySums> policies = {};

    std::uint64_t successes() const;
    std::uint64_t failures() const;
    std::string domain() const;  // of the first policy; empty if there is none
    friend bool operator==(const TlsReport&, const TlsReport&) = default;
};

inline constexpr std::size_t most_policies = 1'000;
inline constexpr std::size_t most_details = 20'000;  // of one policy

// Members of unknown names are passed over, and those of a wrong type are as if they were not there. Invalid
// if it is no such report, or names no reporter or no policy; too_large beyond the limits.
Result<TlsReport> parse_tls_report(std::string_view json);

}  // namespace hongyan::reports
