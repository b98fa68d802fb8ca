#include "outbound/way.h"

#include <algorithm>

#include "outbound/settings.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Stage;

Outcome outcome_of(const dns::NoRoute& none) {
    return smtp_client::refused(Stage::connection, none.status, none.text);
}

net::TlsDemand dane_demand(const std::string& destination, const net::HostTlsa& tlsa) {
    // RFC 7672 §3.2.2: the certificate may be for the base domain, or for the domain of the mail.
    return {.verify = net::Verify::dane,
            .server_name = tlsa.base.text(),
            .other_names = {destination},
            .tlsa = tlsa.records};
}

}  // namespace

net::Task<std::expected<dns::MailHosts, Outcome>> find_stops(Guides guides, std::string destination,
                                                             net::Deadline deadline) {
    const auto domain = dns::Name::parse(destination);
    if (!domain)
        co_return std::unexpected(smtp_client::refused(
            Stage::connection, "5.1.2", fmt::format("\"{}\" is no name of a domain", destination)));
    auto hosts =
        co_await net::find_hosts(guides.resolver, *domain, guides.ourselves, guides.random, deadline);
    if (!hosts) co_return std::unexpected(outcome_of(hosts.error()));
    co_return *std::move(hosts);
}

net::Task<std::expected<Stop, Outcome>> find_stop(Guides guides, const Settings& settings,
                                                  std::string destination, dns::MailHosts hosts,
                                                  dns::Name host, net::Deadline deadline) {
    auto addresses =
        co_await net::find_addresses(guides.resolver, host, guides.ourselves, guides.random, deadline);
    if (!addresses) co_return std::unexpected(outcome_of(addresses.error()));
    Stop stop{.name = host.text(),
              .addresses = addresses->addresses,
              .demand = {.server_name = host.text()},
              .must_encrypt = false,
              .policy = "opportunistic"};
    if (!settings.dane || !hosts.secure) co_return stop;
    auto tlsa =
        co_await net::find_tlsa(guides.resolver, host, *std::move(addresses), settings.port, deadline);
    if (tlsa.status == net::HostTlsa::Status::trouble)
        co_return std::unexpected(smtp_client::refused(Stage::connection, "4.7.5", tlsa.why));
    if (tlsa.status == net::HostTlsa::Status::none) co_return stop;
    stop.must_encrypt = true;
    // RFC 7672 §2.2: records of which none can be used still demand TLS, of whomever.
    const bool is_usable = std::ranges::any_of(tlsa.records, &dns::Tlsa::is_usable);
    if (is_usable) stop.demand = dane_demand(destination, tlsa);
    stop.policy = is_usable ? "dane" : "dane-unusable";
    co_return stop;
}

}  // namespace hongyan::outbound
