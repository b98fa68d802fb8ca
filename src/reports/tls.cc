#include "reports/tls.h"

#include <algorithm>
#include <numeric>

#include <boost/json.hpp>

#include "base/ascii.h"
#include "reports/moment.h"
#include "reports/text.h"

namespace hongyan::reports {

namespace {

namespace json = boost::json;

constexpr std::size_t deepest = 16;             // those of a report are 7 deep
constexpr std::size_t most_lines = 200;         // of a policy
constexpr std::size_t most_values = 2'000'000;  // each costs some 30 bytes while it is read

std::string text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return tidy(value->get_string());
}

std::uint64_t number(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) return 0;
    if (value->is_uint64()) return value->get_uint64();
    return value->is_int64() && value->get_int64() > 0 ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

const json::object& object(const json::object& parent, std::string_view name) {
    static const json::object nothing;
    const auto* value = parent.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : nothing;
}

// The objects in an array.
template <typename Take>
Result<void> each_object(const json::object& parent, std::string_view name, std::size_t most, Take take) {
    const auto* value = parent.if_contains(name);
    if (value == nullptr || !value->is_array()) return {};
    if (value->get_array().size() > most)
        return fail(Error::Kind::too_large, "the report has more than {} {}", most, name);
    for (const auto& item : value->get_array())
        if (item.is_object()) TRY(take(item.get_object()));
    return {};
}

// One text or an array of texts: reporters write either.
std::vector<std::string> texts(const json::object& parent, std::string_view name) {
    const auto* value = parent.if_contains(name);
    if (value == nullptr) return {};
    if (value->is_string()) return {tidy(value->get_string())};
    std::vector<std::string> all;
    if (value->is_array())
        for (const auto& item : value->get_array())
            if (item.is_string() && all.size() < most_lines) all.push_back(tidy(item.get_string()));
    return all;
}

TlsFailure read_failure(const json::object& in) {
    return {.result = ascii::to_lower(text(in, "result-type")),
            .sending_address = text(in, "sending-mta-ip"),
            .mx_host = ascii::to_lower(text(in, "receiving-mx-hostname")),
            .receiving_address = text(in, "receiving-ip"),
            .reason = text(in, "failure-reason-code"),
            .more = text(in, "additional-information"),
            .count = number(in, "failed-session-count")};
}

Result<TlsPolicySums> read_policy(const json::object& in) {
    const auto& policy = object(in, "policy");
    const auto& summary = object(in, "summary");
    TlsPolicySums sums{.type = ascii::to_lower(text(policy, "policy-type")),
                       .domain = ascii::to_lower(text(policy, "policy-domain")),
                       .lines = texts(policy, "policy-string"),
                       .mx = texts(policy, "mx-host"),
                       .successes = number(summary, "total-successful-session-count"),
                       .failures = number(summary, "total-failure-session-count"),
                       .details = {}};
    TRY(each_object(in, "failure-details", most_details, [&sums](const json::object& each) -> Result<void> {
        sums.details.push_back(read_failure(each));
        return {};
    }));
    return sums;
}

std::uint64_t sum_of(const std::vector<TlsPolicySums>& policies, std::uint64_t TlsPolicySums::* which) {
    return std::accumulate(policies.begin(), policies.end(), std::uint64_t{0},
                           [which](std::uint64_t sum, const TlsPolicySums& each) {
                               return sum + std::min(each.*which, UINT64_MAX - sum);
                           });
}

}  // namespace

std::uint64_t TlsReport::successes() const { return sum_of(policies, &TlsPolicySums::successes); }
std::uint64_t TlsReport::failures() const { return sum_of(policies, &TlsPolicySums::failures); }
std::string TlsReport::domain() const { return policies.empty() ? std::string() : policies.front().domain; }

Result<TlsReport> parse_tls_report(std::string_view text_of_it) {
    if (static_cast<std::size_t>(std::ranges::count(text_of_it, ',')) > most_values)
        return fail(Error::Kind::too_large, "the report has more than {} values", most_values);
    boost::system::error_code error;
    const auto value = json::parse(text_of_it, error, {}, {.max_depth = deepest});
    if (error || !value.is_object())
        return fail(Error::Kind::invalid, "this is no JSON object{}{}", error ? ": " : "", error.message());
    const auto& in = value.get_object();
    const auto& range = object(in, "date-range");
    TlsReport report{.organization = text(in, "organization-name"),
                     .contact = text(in, "contact-info"),
                     .id = text(in, "report-id"),
                     .begin = seconds_of(text(range, "start-datetime")).value_or(0),
                     .end = seconds_of(text(range, "end-datetime")).value_or(0),
                     .policies = {}};
    TRY(each_object(in, "policies", most_policies, [&report](const json::object& each) -> Result<void> {
        TRY(report.policies.emplace_back(), read_policy(each));
        return {};
    }));
    if (report.organization.empty() || report.id.empty() || report.domain().empty())
        return fail(Error::Kind::invalid, "the report does not say who reports, its id, or on which domain");
    return report;
}

}  // namespace hongyan::reports
