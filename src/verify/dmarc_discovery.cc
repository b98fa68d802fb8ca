#include "verify/dmarc_discovery.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "verify/public_suffix.h"

namespace hongyan::verify {

namespace {

constexpr std::size_t longest_walk = 8;  // names that are asked on the way up (RFC 9989)

std::size_t count_labels(const dns::Name& name) { return name.labels().size(); }

// The name without its first label; the root of one label.
dns::Name parent(const dns::Name& name) {
    const auto dot = name.text().find('.');
    return dot == std::string::npos ? dns::Name()
                                    : dns::Name::computed(name.text().substr(dot + 1)).value_or(dns::Name());
}

// The last labels of a name, so many of them.
dns::Name last_labels(dns::Name name, std::size_t count) {
    while (count_labels(name) > count) name = parent(name);
    return name;
}

// The names on the way up from a domain, itself first, up to the one that is named, or all. From a long one
// the walk leaps to seven labels (RFC 9989).
std::vector<dns::Name> way_up(const dns::Name& domain, const dns::Name& last = {}) {
    std::vector<dns::Name> names{domain};
    for (auto name = parent(domain); !name.is_root() && name.is_within(last); name = parent(name))
        if (count_labels(name) < longest_walk) names.push_back(name);
    return names;
}

dns::Name listed_organization(const dns::Name& domain) { return registrable_domain(domain).value_or(domain); }

}  // namespace

DmarcDiscovery::Step<std::optional<DmarcDiscovery::Found>> DmarcDiscovery::find(const dns::Name& author) {
    ask({author, listed_organization(author)});
    TRY(auto own, records_at(author));
    if (own.size() > 1) return std::nullopt;  // step 5: DMARC is not applied, and nobody above is asked
    if (!own.empty()) return Found{author, std::move(own.front())};
    ask(way_up(author));
    TRY(const auto organization, organization_of(author, Organizations::listed));
    TRY(auto its, records_at(organization));
    if (its.size() > 1) return std::nullopt;
    if (!its.empty()) return Found{organization, std::move(its.front())};
    TRY(auto above, public_suffix_above(organization));
    if (above) return above;
    return between(author, organization);
}

DmarcDiscovery::Step<std::optional<DmarcDiscovery::Found>> DmarcDiscovery::organization_above(
    const dns::Name& author) {
    TRY(const auto organization, organization_of(author, Organizations::listed));
    if (organization == author) return std::nullopt;
    TRY(auto read, record_if_told(organization));
    return read ? std::optional(Found{organization, *std::move(read)}) : std::nullopt;
}

DmarcDiscovery::Step<dns::Name> DmarcDiscovery::organization_of(const dns::Name& domain, Organizations by) {
    const auto listed = listed_organization(domain);
    const auto names = way_up(domain, listed);
    ask(names);
    auto highest = domain;
    for (const auto& name : names) {
        TRY(const auto read, record_if_told(name));
        if (!read) continue;
        highest = name;
        const auto is_suffix = read->record.public_suffix;
        if (!is_suffix) continue;
        return *is_suffix ? last_labels(domain, count_labels(name) + 1) : name;
    }
    return by == Organizations::walked ? highest : listed;
}

// Whoever is above the organization cannot keep it from being heard.
DmarcDiscovery::Step<std::optional<DmarcDiscovery::Found>> DmarcDiscovery::public_suffix_above(
    const dns::Name& organization) {
    for (auto name = parent(organization); !name.is_root(); name = parent(name)) {
        TRY(auto read, record_if_told(name));
        if (read && read->record.public_suffix == true) return Found{name, *std::move(read)};
    }
    return std::nullopt;
}

// The highest, as the walk has it.
DmarcDiscovery::Step<std::optional<DmarcDiscovery::Found>> DmarcDiscovery::between(
    const dns::Name& author, const dns::Name& organization) {
    for (const auto& name : way_up(author, organization) | std::views::reverse) {
        TRY(auto read, record_at(name));
        if (read) return Found{name, *std::move(read), Organizations::walked};
    }
    return std::nullopt;
}

DmarcDiscovery::Step<DmarcDiscovery::Records> DmarcDiscovery::records_at(const dns::Name& domain) {
    Records records;
    const auto name = domain.under("_dmarc");
    if (!name) return records;  // too long to be asked for
    const auto* const answer = answers_.find(*name, dns::Type::txt);
    if (answer == nullptr) return std::unexpected(Unanswered::yet);
    if (answer->is_trouble()) {
        problem_ = fmt::format("DNS did not answer for {}: {}", name->text(), answer->why);
        return std::unexpected(Unanswered::in_trouble);
    }
    for (const auto& text : texts_of(*answer))
        if (auto read = DmarcRecord::parse(text)) records.push_back(*std::move(read));
    return records;
}

// On the way up several records are none (RFC 9989).
DmarcDiscovery::Step<std::optional<DmarcRecord::Read>> DmarcDiscovery::record_at(const dns::Name& domain) {
    TRY(auto records, records_at(domain));
    return records.size() == 1 ? std::optional(std::move(records.front())) : std::nullopt;
}

// Where RFC 7489 would not ask, nobody needs to answer.
DmarcDiscovery::Step<std::optional<DmarcRecord::Read>> DmarcDiscovery::record_if_told(
    const dns::Name& domain) {
    auto read = record_at(domain);
    if (!read && read.error() == Unanswered::in_trouble) return std::nullopt;
    return read;
}

void DmarcDiscovery::ask(const std::vector<dns::Name>& domains) {
    for (const auto& domain : domains)
        if (const auto name = domain.under("_dmarc")) answers_.find(*name, dns::Type::txt);
}

}  // namespace hongyan::verify
