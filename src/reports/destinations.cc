#include "reports/destinations.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "tls_policy/tls_report.h"
#include "verify/dmarc_record.h"
#include "verify/public_suffix.h"

namespace hongyan::reports {

namespace {

// "10m", in powers of two (RFC 7489 §6.3); too large a number means no limit.
Result<std::optional<std::uint64_t>> size_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    constexpr std::string_view units = "kmgt";
    const auto place = unit.empty() ? 0 : units.find(ascii::lower(unit.front()));
    if (end == text.data() || unit.size() > 1 || place == units.npos)
        return fail(Error::Kind::invalid, "\"!{}\" is no size", text);
    const auto shift = unit.empty() ? 0 : 10 * (place + 1);
    if (error != std::errc{} || number > UINT64_MAX >> shift) return std::nullopt;
    return number << shift;
}

// Of one owner: what is registered, or the name itself where nothing is.
dns::Name organization(const dns::Name& name) { return verify::registrable_domain(name).value_or(name); }

Result<dns::Name> host_of(const Destination& destination) {
    if (destination.address.domain.is_literal())
        return fail(Error::Kind::invalid, "{} is in no domain", destination.address.to_string());
    return dns::Name::parse(destination.address.domain.text());
}

}  // namespace

Result<Destination> parse_destination(std::string_view uri) {
    if (!ascii::istarts_with(uri, "mailto:"))
        return fail(Error::Kind::unsupported, "reports go to mailto: only, not to {}", uri);
    const auto mark = std::min(uri.rfind('!'), uri.size());
    TRY(auto address, tls_policy::address_of_mailto(uri.substr(0, mark)));
    Destination destination{.address = std::move(address)};
    if (mark < uri.size()) {
        TRY(destination.most, size_of(uri.substr(mark + 1)));
    }
    return destination;
}

bool needs_permission(const dns::Name& policy_domain, const Destination& destination) {
    const auto host = host_of(destination);
    return !host || organization(*host) != organization(policy_domain);
}

Result<dns::Name> permission_name(const dns::Name& policy_domain, const Destination& destination) {
    TRY(const auto host, host_of(destination));
    return host.under(policy_domain.text() + "._report._dmarc");
}

std::string owner_of(std::string_view domain) {
    const auto name = dns::Name::parse(domain);
    return ascii::to_lower(name ? organization(*name).text() : domain);
}

std::vector<Destination> permitted(const Destination& destination, const std::vector<dns::Txt>& records,
                                   Wanted wanted) {
    bool has_agreed = false;
    std::vector<Destination> others;
    for (const auto& record : records) {
        const auto read = verify::DmarcRecord::parse(record.text);
        if (!read) continue;
        has_agreed = true;
        const auto& uris = wanted == Wanted::aggregate ? read->record.aggregate_to : read->record.failures_to;
        for (const auto& uri : uris) {
            auto other = parse_destination(uri);
            // Who leads on to yet another host gets nothing at all (RFC 7489 §7.1).
            if (!other || other->address.domain != destination.address.domain) return {};
            if (others.size() < most_destinations) others.push_back(*std::move(other));
        }
    }
    if (!has_agreed) return {};
    if (others.empty()) others.push_back(destination);
    return others;
}

}  // namespace hongyan::reports
