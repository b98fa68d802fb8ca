#include "admin/report_view.h"

#include <boost/json.hpp>

#include "reports/moment.h"

namespace hongyan::admin {

namespace {

namespace json = boost::json;
using reports::AggregateReport, reports::TlsReport;

json::object object_of_row(const reports::Row& row) {
    const auto& traits = row.traits;
    json::array overrides, signatures, senders;
    for (const auto& each : traits.overrides)
        overrides.push_back(json::object{{"type", each.type}, {"comment", each.comment}});
    for (const auto& each : traits.signatures)
        signatures.push_back(json::object{{"domain", each.domain},
                                          {"selector", each.selector},
                                          {"result", each.result},
                                          {"words", each.words}});
    for (const auto& each : traits.senders)
        senders.push_back(
            json::object{{"domain", each.domain}, {"scope", each.scope}, {"result", each.result}});
    return {{"source", traits.address},
            {"count", row.count},
            {"disposition", traits.disposition},
            {"dkim", traits.dkim},
            {"spf", traits.spf},
            {"overrides", std::move(overrides)},
            {"header_from", traits.header_from},
            {"envelope_from", traits.envelope_from},
            {"envelope_to", traits.envelope_to},
            {"dkim_results", std::move(signatures)},
            {"spf_results", std::move(senders)}};
}

json::object object_of_policy(const reports::TlsPolicySums& sums) {
    json::array failures;
    for (const auto& each : sums.details)
        failures.push_back(json::object{{"result", each.result},
                                        {"count", each.count},
                                        {"from", each.sending_address},
                                        {"host", each.mx_host},
                                        {"address", each.receiving_address},
                                        {"reason", each.reason},
                                        {"more", each.more}});
    return {{"type", sums.type},
            {"domain", sums.domain},
            {"lines", json::value_from(sums.lines)},
            {"mx", json::value_from(sums.mx)},
            {"successes", sums.successes},
            {"failures", sums.failures},
            {"details", std::move(failures)}};
}

struct Filling {
    json::object& object;

    void operator()(const AggregateReport& report) const {
        const auto& policy = report.policy;
        object["email"] = report.email;
        object["contact"] = report.contact;
        object["errors"] = json::value_from(report.errors);
        object["policy"] = json::object{{"domain", policy.domain},       {"adkim", policy.dkim_alignment},
                                        {"aspf", policy.spf_alignment},  {"p", policy.policy},
                                        {"sp", policy.subdomain_policy}, {"pct", policy.percent},
                                        {"fo", policy.failure_options}};
        json::array rows;
        for (const auto& row : report.rows) rows.push_back(object_of_row(row));
        object["rows"] = std::move(rows);
    }
    void operator()(const TlsReport& report) const {
        object["contact"] = report.contact;
        json::array policies;
        for (const auto& each : report.policies) policies.push_back(object_of_policy(each));
        object["policies"] = std::move(policies);
    }
};

std::string range_of(const reports::Outline& outline) {
    return fmt::format("{} to {}", reports::moment_text(outline.begin), reports::moment_text(outline.end));
}

std::string told_by(const reports::Outline& outline) {
    return fmt::format("{} tells of {}, {} (report {})", outline.organization, outline.domain,
                       range_of(outline), outline.id);
}

std::vector<std::string> lines_of(const AggregateReport& report) {
    const auto outline = outline_of(reports::Report(report));
    std::vector<std::string> lines{
        told_by(outline), fmt::format("policy {} for {}; {} messages passed, {} failed", report.policy.policy,
                                      report.policy.domain, outline.good, outline.bad)};
    for (const auto& error : report.errors) lines.push_back(fmt::format("the reporter says: {}", error));
    return lines;
}

std::vector<std::string> lines_of(const TlsReport& report) {
    const auto outline = outline_of(reports::Report(report));
    return {told_by(outline), fmt::format("{} sessions went well, {} failed", outline.good, outline.bad)};
}

}  // namespace

json::object object_of(const reports::Report& report) {
    const auto outline = outline_of(report);
    json::object object{{"kind", std::string(to_string(outline.kind))},
                        {"reporter", outline.organization},
                        {"report_id", outline.id},
                        {"domain", outline.domain},
                        {"begin", reports::moment_text(outline.begin)},
                        {"end", reports::moment_text(outline.end)},
                        {"passed", outline.good},
                        {"failed", outline.bad}};
    std::visit(Filling{object}, report);
    return object;
}

Listing rows_of(const AggregateReport& report) {
    Listing listing({{"source"},
                     {"count"},
                     {"disposition"},
                     {"dkim"},
                     {"spf"},
                     {"header_from"},
                     {"envelope_from"},
                     {"results", 100},
                     {"because", 60}});
    for (const auto& row : report.rows) {
        std::vector<std::string> results, reasons;
        for (const auto& each : row.traits.signatures)
            results.push_back(fmt::format("dkim={} ({})", each.result, each.domain));
        for (const auto& each : row.traits.senders)
            results.push_back(fmt::format("spf={} ({})", each.result, each.domain));
        for (const auto& each : row.traits.overrides) reasons.push_back(each.type);
        listing.add({row.traits.address, row.count, row.traits.disposition, row.traits.dkim, row.traits.spf,
                     row.traits.header_from, row.traits.envelope_from, std::move(results),
                     std::move(reasons)});
    }
    return listing;
}

Listing rows_of(const TlsReport& report) {
    Listing listing({{"domain"}, {"policy"}, {"result"}, {"count"}, {"host"}, {"from"}, {"reason", 100}});
    for (const auto& policy : report.policies) {
        if (policy.successes > 0)
            listing.add({policy.domain, policy.type, std::string("success"), policy.successes, std::string(),
                         std::string(), std::string()});
        for (const auto& each : policy.details)
            listing.add({policy.domain, policy.type, each.result, each.count, each.mx_host,
                         each.sending_address, each.reason});
    }
    return listing;
}

void show_report(const Call& call, const reports::Report& report) {
    if (call.values.given(json_flag.name)) return call.say(json::serialize(object_of(report)));
    std::visit(
        [&call](const auto& each) {
            for (const auto& line : lines_of(each)) call.say(printable(line));
            call.console.out(rows_of(each).table());
        },
        report);
}

}  // namespace hongyan::admin
