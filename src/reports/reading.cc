#include "reports/reading.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "message/structure.h"
#include "reports/unpack.h"

namespace hongyan::reports {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

constexpr std::string_view types[] = {
    "application/gzip",
    "application/x-gzip",
    "application/gzip-compressed",
    "application/zip",
    "application/x-zip-compressed",
    "application/x-zip",
    "application/xml",
    "text/xml",
    "application/tlsrpt+gzip",
    "application/tlsrpt+json",
    "application/json",
};
constexpr std::string_view endings[] = {".xml", ".xml.gz", ".zip", ".json", ".json.gz", ".gz"};

bool may_be_report(const message::Part& part) {
    if (part.is_multipart() || part.is_message()) return false;
    const auto type = fmt::format("{}/{}", part.type.type, part.type.subtype);
    if (std::ranges::find(types, type) != std::end(types)) return true;
    if (type != "application/octet-stream") return false;
    const auto name = ascii::to_lower(message::attachment_name(part));
    return std::ranges::any_of(endings, [&](std::string_view end) { return name.ends_with(end); });
}

bool looks_like_file(std::string_view octets) {
    if (octets.starts_with("\x1f\x8b") || octets.starts_with("PK\x03\x04")) return true;
    if (octets.starts_with(byte_order_mark)) octets.remove_prefix(byte_order_mark.size());
    const auto text = ascii::trim(octets.substr(0, 1'000));
    return text.starts_with('<') || text.starts_with('{');
}

struct Outlining {
    Outline operator()(const AggregateReport& report) const {
        Outline outline{.kind = Kind::dmarc,
                        .organization = report.organization,
                        .id = report.id,
                        .domain = report.policy.domain,
                        .begin = report.begin,
                        .end = report.end};
        for (const auto& row : report.rows) {
            auto& sum = has_passed(row.traits) ? outline.good : outline.bad;
            sum += std::min(row.count, UINT64_MAX - sum);
        }
        return outline;
    }
    Outline operator()(const TlsReport& report) const {
        return {.kind = Kind::tls,
                .organization = report.organization,
                .id = report.id,
                .domain = report.domain(),
                .begin = report.begin,
                .end = report.end,
                .good = report.successes(),
                .bad = report.failures()};
    }
};

}  // namespace

std::string_view to_string(Kind kind) { return kind == Kind::dmarc ? "dmarc" : "tls"; }

Kind kind_of(const Report& report) {
    return std::holds_alternative<AggregateReport>(report) ? Kind::dmarc : Kind::tls;
}

bool has_passed(const Traits& traits) { return traits.dkim == "pass" || traits.spf == "pass"; }

Outline outline_of(const Report& report) { return std::visit(Outlining(), report); }

Result<Report> read_report(std::string_view octets) {
    TRY(const auto content, unpack(octets));
    std::string_view text = content;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (ascii::trim(text).starts_with('{')) {
        TRY(auto report, parse_tls_report(text));
        return report;
    }
    TRY(auto report, parse_aggregate(text));
    return report;
}

std::vector<std::string> attached_reports(std::string_view message) {
    std::vector<std::string> found;
    for (const auto& part : message::parse(message).parts)
        if (found.size() < most_attachments && may_be_report(part))
            found.push_back(message::decoded_body(part, message));
    return found;
}

Result<std::vector<Report>> read_file(std::string_view octets) {
    std::vector<Report> reports;
    if (looks_like_file(octets)) {
        TRY(auto report, read_report(octets));
        reports.push_back(std::move(report));
        return reports;
    }
    std::optional<Error> first;
    for (const auto& attached : attached_reports(octets)) {
        auto report = read_report(attached);
        if (report)
            reports.push_back(*std::move(report));
        else if (!first)
            first = std::move(report).error();
    }
    if (reports.empty() && first) return std::unexpected(*std::move(first));
    if (reports.empty()) return fail(Error::Kind::not_found, "there is no report in this message");
    return reports;
}

}  // namespace hongyan::reports
