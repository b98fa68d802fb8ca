#include <numeric>

#include "dns/ip_address.h"
#include "message/utf8.h"
#include "reports/aggregate.h"
#include "reports/text.h"

namespace hongyan::reports {

namespace {

// Elements in their order, indented, with what XML wants written otherwise.
class Writer {
public:
    Writer() { out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"; }

    Writer& open(std::string_view name) {
        line(fmt::format("<{}>", name));
        ++depth_;
        return *this;
    }
    Writer& close(std::string_view name) {
        --depth_;
        line(fmt::format("</{}>", name));
        return *this;
    }
    Writer& text(std::string_view name, std::string_view value) {
        line(fmt::format("<{0}>{1}</{0}>", name, escaped(tidy(value))));
        return *this;
    }
    Writer& text_unless_empty(std::string_view name, std::string_view value) {
        return value.empty() ? *this : text(name, value);
    }
    Writer& number(std::string_view name, std::uint64_t value) {
        return text(name, fmt::format("{}", value));
    }
    std::string take() { return std::move(out_); }

private:
    void line(std::string_view text) { out_.append(depth_ * 2, ' ').append(text).append("\n"); }

    static std::string escaped(std::string_view text) {
        std::string out;
        while (!text.empty()) {
            const auto size = message::utf8_character_size(text);
            const auto character = text.substr(0, size);
            text.remove_prefix(size);
            if (character == "&")
                out += "&amp;";
            else if (character == "<")
                out += "&lt;";
            else if (character == ">")
                out += "&gt;";
            else if (character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf")
                out += '?';  // no characters of XML 1.0 §2.2
            else
                out += character;
        }
        return out;
    }

    std::string out_;
    std::size_t depth_ = 0;
};

// The schema's pattern of IPv6 knows no "::".
std::string in_full(const std::string& text) {
    const auto address = dns::IpAddress::parse(text);
    if (!address || !address->is_ipv6()) return text;
    const auto octets = address->octets();
    std::string out;
    for (std::size_t i = 0; i < octets.size(); i += 2)
        out += fmt::format(
            "{}{:x}", i == 0 ? "" : ":",
            (static_cast<unsigned char>(octets[i]) << 8U) | static_cast<unsigned char>(octets[i + 1]));
    return out;
}

void write(Writer& out, const PublishedPolicy& policy) {
    out.open("policy_published")
        .text("domain", policy.domain)
        .text_unless_empty("adkim", policy.dkim_alignment)
        .text_unless_empty("aspf", policy.spf_alignment)
        .text("p", policy.policy)
        .text("sp", policy.subdomain_policy.empty() ? policy.policy : policy.subdomain_policy)
        .text("pct", policy.percent.empty() ? "100" : policy.percent)
        .text("fo", policy.failure_options.empty() ? "0" : policy.failure_options)
        .close("policy_published");
}

void write_evaluated(Writer& out, const Traits& traits) {
    out.open("policy_evaluated")
        .text("disposition", traits.disposition)
        .text("dkim", traits.dkim)
        .text("spf", traits.spf);
    for (const auto& each : traits.overrides)
        out.open("reason").text("type", each.type).text_unless_empty("comment", each.comment).close("reason");
    out.close("policy_evaluated");
}

void write_results(Writer& out, const Traits& traits) {
    out.open("auth_results");
    for (const auto& each : traits.signatures)
        out.open("dkim")
            .text("domain", each.domain)
            .text_unless_empty("selector", each.selector)
            .text("result", each.result)
            .text_unless_empty("human_result", each.words)
            .close("dkim");
    for (const auto& each : traits.senders)
        out.open("spf")
            .text("domain", each.domain)
            .text("scope", each.scope)
            .text("result", each.result)
            .close("spf");
    out.close("auth_results");
}

void write(Writer& out, const Row& row) {
    const auto& traits = row.traits;
    out.open("record").open("row").text("source_ip", in_full(traits.address)).number("count", row.count);
    write_evaluated(out, traits);
    out.close("row")
        .open("identifiers")
        .text_unless_empty("envelope_to", traits.envelope_to)
        .text("envelope_from", traits.envelope_from)
        .text("header_from", traits.header_from)
        .close("identifiers");
    write_results(out, traits);
    out.close("record");
}

}  // namespace

std::uint64_t AggregateReport::messages() const {
    std::uint64_t sum = 0;
    for (const auto& row : rows) sum += std::min(row.count, UINT64_MAX - sum);
    return sum;
}

std::string to_xml(const AggregateReport& report) {
    Writer out;
    out.open("feedback").text("version", "1.0").open("report_metadata");
    out.text("org_name", report.organization)
        .text("email", report.email)
        .text_unless_empty("extra_contact_info", report.contact)
        .text("report_id", report.id)
        .open("date_range")
        .number("begin", report.begin)
        .number("end", report.end)
        .close("date_range");
    for (const auto& error : report.errors) out.text("error", error);
    out.close("report_metadata");
    write(out, report.policy);
    for (const auto& row : report.rows) write(out, row);
    out.close("feedback");
    return out.take();
}

}  // namespace hongyan::reports
