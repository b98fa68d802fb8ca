// DMARC's aggregate reports: who has sent mail in a domain's name, and what became of it (RFC 7489 §7.2).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::reports {

// What one signature said, uninterpreted.
struct DkimResult {
    std::string domain = {}, selector = {};
    std::string result = {};  // "pass", "fail", … (RFC 8601 §2.7.1)
    std::string words = {};
    friend auto operator<=>(const DkimResult&, const DkimResult&) = default;
};

struct SpfResult {
    std::string domain = {};
    std::string scope = {};  // "helo" or "mfrom"; empty: not said
    std::string result = {};
    friend auto operator<=>(const SpfResult&, const SpfResult&) = default;
};

// Why less was done than the domain asks.
struct Override {
    std::string type = {};  // "trusted_forwarder", "sampled_out", …
    std::string comment = {};
    friend auto operator<=>(const Override&, const Override&) = default;
};

// What the messages of a row have in common. Words are those of RFC 7489 Appendix C, but those of others may
// be any.
struct Traits {
    std::string address = {};         // of the host that sent them
    std::string disposition = {};     // "none", "quarantine", "reject"; "pass" in RFC 9990
    std::string dkim = {}, spf = {};  // aligned: "pass" or "fail"
    std::vector<Override> overrides = {};
    std::string header_from = {}, envelope_from = {}, envelope_to = {};  // domains
    std::vector<DkimResult> signatures = {};
    std::vector<SpfResult> senders = {};
    friend auto operator<=>(const Traits&, const Traits&) = default;
};

struct Row {
    Traits traits = {};
    std::uint64_t count = 0;  // of messages
    friend auto operator<=>(const Row&, const Row&) = default;
};

// The record as the domain has published it.
struct PublishedPolicy {
    std::string domain = {};
    std::string dkim_alignment = {}, spf_alignment = {};  // "r", "s"; empty: not said
    std::string policy = {}, subdomain_policy = {};
    std::string percent = {}, failure_options = {};
    friend auto operator<=>(const PublishedPolicy&, const PublishedPolicy&) = default;
};

struct AggregateReport {
    std::string organization = {}, email = {}, contact = {}, id = {};
    std::uint64_t begin = 0, end = 0;      // seconds since 1970 UTC
    std::vector<std::string> errors = {};  // what the report is without
    PublishedPolicy policy = {};
    std::vector<Row> rows = {};

    std::uint64_t messages() const;
    friend bool operator==(const AggregateReport&, const AggregateReport&) = default;
};

// Of a report that comes from outside.
inline constexpr std::size_t most_rows = 50'000;
inline constexpr std::size_t most_results = 100;         // of the lists of one row, and of errors
inline constexpr std::size_t most_elements = 1'500'000;  // each costs some 50 bytes while it is read
inline constexpr int deepest_element = 12;               // those of a report are 5 deep

// As the schema of RFC 7489 Appendix C has it. Addresses of IPv6 in full, as it wants them.
std::string to_xml(const AggregateReport& report);

// Either schema, RFC 7489's or RFC 9990's, with any namespace, elements in any order, unknown ones passed
// over. Invalid if it is no such report, or names no domain or no reporter; too_large beyond the limits.
Result<AggregateReport> parse_aggregate(std::string_view xml);

}  // namespace hongyan::reports
