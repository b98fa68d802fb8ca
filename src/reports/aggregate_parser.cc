#include <algorithm>
#include <charconv>

#include <pugixml.hpp>

#include "base/ascii.h"
#include "reports/aggregate.h"
#include "reports/text.h"

namespace hongyan::reports {

namespace {

// Without the prefix of a namespace.
std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.rfind(':');
    return colon == name.npos ? name : name.substr(colon + 1);
}

pugi::xml_node child(const pugi::xml_node& parent, std::string_view name) {
    return parent.find_child([&](const pugi::xml_node& node) { return local_name(node) == name; });
}

std::string text(const pugi::xml_node& parent, std::string_view name) {
    return tidy(child(parent, name).text().get());
}

// Names and keywords.
std::string word(const pugi::xml_node& parent, std::string_view name) {
    return ascii::to_lower(text(parent, name));
}

// 0 where there is none, or a number that makes no sense.
std::uint64_t number(const pugi::xml_node& parent, std::string_view name) {
    const auto digits = text(parent, name);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() ? value : 0;
}

// read() of each such child, as many as a list may hold.
template <typename Read>
auto list(const pugi::xml_node& parent, std::string_view name, Read read) {
    std::vector<decltype(read(parent))> all;
    for (const auto& node : parent.children())
        if (local_name(node) == name && all.size() < most_results) all.push_back(read(node));
    return all;
}

class DeepestElement final : public pugi::xml_tree_walker {
public:
    bool for_each(pugi::xml_node&) override {
        found = std::max(found, depth() + 1);
        return found <= deepest_element;
    }
    int found = 0;
};

DkimResult read_signature(const pugi::xml_node& node) {
    return {.domain = word(node, "domain"),
            .selector = text(node, "selector"),
            .result = word(node, "result"),
            .words = text(node, "human_result")};
}

SpfResult read_sender(const pugi::xml_node& node) {
    return {.domain = word(node, "domain"), .scope = word(node, "scope"), .result = word(node, "result")};
}

Override read_override(const pugi::xml_node& node) {
    return {.type = word(node, "type"), .comment = text(node, "comment")};
}

Row read_row(const pugi::xml_node& record) {
    const auto row = child(record, "row");
    const auto evaluated = child(row, "policy_evaluated");
    // Some reporters wrote the older draft's "identities".
    auto identifiers = child(record, "identifiers");
    if (!identifiers) identifiers = child(record, "identities");
    const auto results = child(record, "auth_results");
    return {.traits = {.address = word(row, "source_ip"),
                       .disposition = word(evaluated, "disposition"),
                       .dkim = word(evaluated, "dkim"),
                       .spf = word(evaluated, "spf"),
                       .overrides = list(evaluated, "reason", &read_override),
                       .header_from = word(identifiers, "header_from"),
                       .envelope_from = word(identifiers, "envelope_from"),
                       .envelope_to = word(identifiers, "envelope_to"),
                       .signatures = list(results, "dkim", &read_signature),
                       .senders = list(results, "spf", &read_sender)},
            .count = number(row, "count")};
}

PublishedPolicy read_policy(const pugi::xml_node& node) {
    return {.domain = word(node, "domain"),
            .dkim_alignment = word(node, "adkim"),
            .spf_alignment = word(node, "aspf"),
            .policy = word(node, "p"),
            .subdomain_policy = word(node, "sp"),
            .percent = word(node, "pct"),
            .failure_options = word(node, "fo")};
}

void read_metadata(const pugi::xml_node& node, AggregateReport& report) {
    report.organization = text(node, "org_name");
    report.email = text(node, "email");
    report.contact = text(node, "extra_contact_info");
    report.id = text(node, "report_id");
    const auto range = child(node, "date_range");
    report.begin = number(range, "begin");
    report.end = number(range, "end");
    report.errors = list(node, "error", [](const pugi::xml_node& error) { return tidy(error.text().get()); });
}

Result<void> check_bounds(const pugi::xml_document& document) {
    DeepestElement deepest;
    const_cast<pugi::xml_document&>(document).traverse(deepest);  // which changes nothing
    if (deepest.found > deepest_element)
        return fail(Error::Kind::too_large, "the report's elements are nested more than {} deep",
                    deepest_element);
    return {};
}

}  // namespace

Result<AggregateReport> parse_aggregate(std::string_view xml) {
    // Attributes cost as much as elements.
    if (static_cast<std::size_t>(std::ranges::count(xml, '<') + std::ranges::count(xml, '=')) > most_elements)
        return fail(Error::Kind::too_large, "the report has more than {} elements", most_elements);
    pugi::xml_document document;
    const auto read = document.load_buffer(xml.data(), xml.size());
    if (!read)
        return fail(Error::Kind::invalid, "this is no XML: {} at byte {}", read.description(), read.offset);
    TRY(check_bounds(document));
    const auto root = child(document, "feedback");
    if (!root)
        return fail(Error::Kind::invalid, "this XML is no report of DMARC: it has no element feedback");
    AggregateReport report;
    read_metadata(child(root, "report_metadata"), report);
    report.policy = read_policy(child(root, "policy_published"));
    for (const auto& node : root.children()) {
        if (local_name(node) != "record") continue;
        if (report.rows.size() == most_rows)
            return fail(Error::Kind::too_large, "the report has more than {} records", most_rows);
        report.rows.push_back(read_row(node));
    }
    if (report.organization.empty() || report.id.empty() || report.policy.domain.empty())
        return fail(Error::Kind::invalid, "the report does not say who reports, its id, or on which domain");
    return report;
}

}  // namespace hongyan::reports
