#include "reports/summary.h"

#include "dns/ip_address.h"

namespace hongyan::reports {

namespace {

constexpr std::size_t most_names = 100;       // of reporters and hosts at one place
constexpr std::size_t most_outcomes = 1'000;  // reporters may make results up

void add_name(std::set<std::string>& names, const std::string& name) {
    if (!name.empty() && names.size() < most_names) names.insert(name);
}

// One address is one text, however it was written.
std::string in_short(const std::string& text) {
    const auto address = dns::IpAddress::parse(text);
    return address ? address->to_string() : text;
}

}  // namespace

void Summary::add(const Report& report) {
    std::visit([this](const auto& each) { add(each); }, report);
}

void Summary::add(const AggregateReport& report) {
    for (const auto& row : report.rows) {
        const auto& traits = row.traits;
        Source source{report.policy.domain, in_short(traits.address)};
        if (!sources_.contains(source) && sources_.size() >= most_sources) source.address.clear();
        auto& sent = sources_[source];
        sent.messages += row.count;
        if (traits.dkim == "pass") sent.dkim += row.count;
        if (traits.spf == "pass") sent.spf += row.count;
        if (!has_passed(traits)) sent.failed += row.count;
        if (traits.disposition == "quarantine") sent.quarantined += row.count;
        if (traits.disposition == "reject") sent.rejected += row.count;
        add_name(sent.reporters, report.organization);
    }
}

Summary::Sessions& Summary::sessions_of(Outcome outcome, const std::string& reporter) {
    if (!sessions_.contains(outcome) && sessions_.size() >= most_outcomes) outcome.result = "other";
    auto& sessions = sessions_[outcome];
    add_name(sessions.reporters, reporter);
    return sessions;
}

void Summary::add(const TlsReport& report) {
    for (const auto& policy : report.policies) {
        if (policy.successes > 0)
            sessions_of({policy.domain, "success"}, report.organization).count += policy.successes;
        std::uint64_t told = 0;
        for (const auto& each : policy.details) {
            auto& sessions = sessions_of({policy.domain, each.result}, report.organization);
            sessions.count += each.count;
            add_name(sessions.hosts, each.mx_host);
            told += each.count;
        }
        if (policy.failures > told)
            sessions_of({policy.domain, "failure without details"}, report.organization).count +=
                policy.failures - told;
    }
}

}  // namespace hongyan::reports
