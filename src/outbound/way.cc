#include "outbound/way.h"

#include "outbound/reach.h"
#include "outbound/settings.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Outcome;
using smtp_client::Stage;
using smtp_client::StartTls;
using tls_policy::Basis;
using tls_policy::Given;
using tls_policy::HostDecision;
using tls_policy::ReportedPolicy;
using tls_policy::SenderWish;
using tls_policy::TlsResult;

Outcome outcome_of(const dns::NoRoute& none) {
    return smtp_client::refused(Stage::connection, none.status, none.text);
}

// Without knowing what an enforced policy demands nothing goes (RFC 8461 §5.1).
Outcome policy_unreadable(const dns::Name& domain) {
    return smtp_client::refused(Stage::connection, "4.3.0",
                                fmt::format("the policy kept of {} cannot be read", domain.text()));
}

ReportedPolicy reported_policy(const Given& given) {
    using Status = dns::HostTlsa::Status;
    if (given.mx_secure && given.tlsa.status != Status::none) return ReportedPolicy::of(given.tlsa);
    const bool has_sts = given.sts && given.sts->mode != tls_policy::StsMode::none;
    return has_sts ? ReportedPolicy::of(*given.sts) : ReportedPolicy::none();
}

std::string policy_name(const HostDecision& decision, SenderWish wish) {
    if (wish == SenderWish::optional) return "tls-required-no";
    if (decision.basis == Basis::dane && decision.usable && decision.verify != tls_policy::Verify::dane)
        return "dane-unusable";
    if (decision.basis != Basis::nothing) return std::string(to_string(decision.basis));
    return decision.sts_testing ? "mta-sts-testing" : "opportunistic";
}

StartTls starttls_of(tls_policy::Tls tls) {
    switch (tls) {
        case tls_policy::Tls::none:
            return StartTls::never;
        case tls_policy::Tls::may:
            return StartTls::if_offered;
        case tls_policy::Tls::must:
            break;
    }
    return StartTls::required;
}

Stop stop_of(const HostDecision& decision, const Given& given, std::vector<dns::IpAddress> addresses) {
    return {.name = given.host.text(),
            .addresses = std::move(addresses),
            .demand = {.verify = static_cast<net::Verify>(decision.verify),
                       .server_name = decision.server_name,
                       .other_names = decision.other_names,
                       .tlsa = decision.tlsa},
            .starttls = starttls_of(decision.tls),
            .requiretls = decision.requiretls,
            .name_is_sure = decision.name_is_sure,
            .policy = policy_name(decision, given.wish),
            .why = decision.tls == tls_policy::Tls::must ? decision.why : "",
            .reported = reported_policy(given),
            .sts_testing = decision.sts_testing,
            .sts_testing_mismatch = decision.sts_testing_mismatch};
}

Detour detour_of(const HostDecision& decision, const Given& given, const StsFinding& sts) {
    auto status = decision.status;
    // Where it cannot be known now whether the host is one of the policy's, it can be later.
    if (decision.basis == Basis::sender && sts.is_uncertain && status.starts_with('5')) status.front() = '4';
    Detour detour{.why = smtp_client::refused(Stage::tls, status, decision.why),
                  .policy = policy_name(decision, given.wish),
                  .reported = reported_policy(given)};
    if (decision.basis == Basis::dane) detour.result = TlsResult::dnssec_invalid;
    if (decision.basis == Basis::sts) detour.result = TlsResult::validation_failure;
    return detour;
}

}  // namespace

net::Task<std::expected<Way, Outcome>> find_way(Guides guides, const Settings& settings,
                                                std::string destination, SenderWish wish) {
    const auto domain = dns::Name::parse(destination);
    if (!domain)
        co_return std::unexpected(smtp_client::refused(
            Stage::connection, "5.1.2", fmt::format("\"{}\" is no name of a domain", destination)));
    const bool asks_sts = settings.mta_sts;
    const auto deadline = net::after(settings.dns_patience);
    auto hosts =
        co_await net::find_hosts(guides.resolver, *domain, guides.ourselves, guides.random, deadline);
    if (!hosts) co_return std::unexpected(outcome_of(hosts.error()));
    Way way{.domain = *domain, .hosts = *std::move(hosts), .sts = {}, .wish = wish};
    if (!asks_sts) co_return way;
    auto sts = co_await guides.sts.find(*domain);
    if (sts)
        way.sts = *std::move(sts);
    else if (wish != SenderWish::optional)  // whom no policy concerns (RFC 8689 §4.2.2)
        co_return std::unexpected(policy_unreadable(*domain));
    co_return way;
}

net::Task<std::expected<Stop, Detour>> find_stop(Guides guides, const Settings& settings, const Way& way,
                                                 dns::Name host, net::Deadline deadline) {
    auto found =
        co_await net::find_addresses(guides.resolver, host, guides.ourselves, guides.random, deadline);
    if (!found) co_return std::unexpected(Detour{.why = outcome_of(found.error()), .policy = {}});
    if (auto complaint = complaint_about(settings, host.text(), found->addresses))
        co_return std::unexpected(Detour{.why = *std::move(complaint), .policy = {}});
    auto addresses = found->addresses;
    std::erase_if(addresses,
                  [&settings](const dns::IpAddress& address) { return !may_be_called(settings, address); });
    Given given{.domain = way.domain,
                .host = host,
                .mx_secure = way.hosts.secure,
                .sts = way.sts.policy,
                .wish = way.wish,
                .own = settings.tls};
    if (settings.dane && way.hosts.secure)
        given.tlsa =
            co_await net::find_tlsa(guides.resolver, host, *std::move(found), settings.port, deadline);
    const auto decision = tls_policy::decide(given);
    if (!decision.usable) co_return std::unexpected(detour_of(decision, given, way.sts));
    co_return stop_of(decision, given, std::move(addresses));
}

std::expected<Stop, Detour> stop_at(const Settings& settings, std::string name, const dns::IpAddress& address,
                                    SenderWish wish) {
    if (auto complaint = complaint_about(settings, name, std::span(&address, 1)))
        return std::unexpected(Detour{.why = *std::move(complaint), .policy = {}});
    const bool must_prove = settings.tls.verify != tls_policy::Verify::none && wish != SenderWish::optional;
    if (wish == SenderWish::required)
        return std::unexpected(
            Detour{.why = smtp_client::refused(Stage::tls, "5.7.10",
                                               "REQUIRETLS: a server without a name cannot prove who it is"),
                   .policy = "requiretls"});
    if (must_prove)
        return std::unexpected(
            Detour{.why = smtp_client::refused(
                       Stage::tls, "4.7.5",
                       "the settings demand a certificate, and a server without a name cannot have one"),
                   .policy = "settings"});
    const bool is_free = wish == SenderWish::optional || settings.tls.tls == tls_policy::Tls::may;
    return Stop{.name = std::move(name),
                .addresses = {address},
                .demand = {},
                .starttls = is_free ? StartTls::if_offered : starttls_of(settings.tls.tls),
                .policy = is_free ? "opportunistic" : "settings",
                .why = settings.tls.tls == tls_policy::Tls::must && !is_free ? "the settings demand TLS" : "",
                .reported = {}};
}

Stop stop_of(const config::NextHop& hop, std::string name) {
    using config::RouteTls;
    const bool must_encrypt = hop.tls == RouteTls::required || hop.tls == RouteTls::implicit;
    Stop stop{.name = name,
              .addresses = {},
              .demand = {.server_name = std::move(name)},
              .policy = must_encrypt ? "route, pkix" : "route",
              .why = must_encrypt ? "the route demands TLS" : "",
              .reported = {}};
    if (must_encrypt) {
        stop.demand.verify = net::Verify::pkix;
        stop.starttls = StartTls::required;
    }
    if (hop.tls == RouteTls::none) stop.starttls = StartTls::never;
    stop.tls_from_the_first_byte = hop.tls == RouteTls::implicit;
    stop.port = hop.port;
    if (hop.protocol == config::NextHop::Protocol::lmtp) stop.service = smtp_client::Service::lmtp;
    return stop;
}

namespace {

// RFC 8461 §3.4: a smart host's own name is the policy domain; an address has none. Who says tls=none has
// decided otherwise, and LMTP is not SMTP.
bool may_have_policy(const Settings& settings, const config::NextHop& hop) {
    return settings.mta_sts && hop.tls != config::RouteTls::none &&
           hop.protocol == config::NextHop::Protocol::smtp && !dns::IpAddress::parse(hop.host);
}

// What an enforced policy demands beyond the route; or why this host must not be used.
std::expected<void, Detour> apply_policy(Stop& stop, const dns::Name& domain, const dns::Name& host,
                                         const StsFinding& sts) {
    const Given given{.domain = domain, .host = host, .sts = sts.policy};
    const auto decision = tls_policy::decide(given);
    if (decision.basis != Basis::sts) return {};
    if (!decision.usable) return std::unexpected(detour_of(decision, given, sts));
    stop.demand.verify = net::Verify::pkix;
    stop.starttls = StartTls::required;
    stop.policy = "route, mta-sts";
    stop.why = decision.why;
    return {};
}

}  // namespace

net::Task<std::expected<HopHosts, Outcome>> find_hop_hosts(Guides guides, const Settings& settings,
                                                           config::NextHop hop, net::Deadline deadline) {
    StsFinding sts;
    const auto policy_domain = dns::Name::parse(hop.host);
    if (policy_domain && may_have_policy(settings, hop)) {
        auto found = co_await guides.sts.find(*policy_domain);
        if (!found) co_return std::unexpected(policy_unreadable(*policy_domain));
        sts = *std::move(found);
    }
    if (!hop.looks_up_mx) co_return HopHosts{.names = {hop.host}, .secure = true, .sts = std::move(sts)};
    const auto domain = dns::Name::parse(hop.host);
    if (!domain)
        co_return std::unexpected(smtp_client::refused(
            Stage::connection, "4.4.4", fmt::format("\"{}\" of a route is no name of a domain", hop.host)));
    const auto found =
        co_await net::find_hosts(guides.resolver, *domain, guides.ourselves, guides.random, deadline);
    if (!found) co_return std::unexpected(outcome_of(found.error()));
    // Without MX it is the name that the route has.
    HopHosts hosts{.names = {}, .secure = found->secure || found->implicit, .sts = std::move(sts)};
    for (const auto& host : found->hosts) hosts.names.push_back(host.name.text());
    co_return hosts;
}

net::Task<std::expected<Stop, Detour>> find_hop_stop(Guides guides, config::NextHop hop, StsFinding sts,
                                                     std::string host, net::Deadline deadline) {
    auto stop = stop_of(hop, host);
    if (const auto address = dns::IpAddress::parse(host)) {
        stop.addresses = {*address};
        co_return stop;
    }
    const auto name = dns::Name::parse(host);
    if (!name)
        co_return std::unexpected(
            Detour{.why = smtp_client::refused(Stage::connection, "4.4.4",
                                               fmt::format("\"{}\" of a route is no name of a host", host)),
                   .policy = "route"});
    if (const auto domain = dns::Name::parse(hop.host))
        if (auto applied = apply_policy(stop, *domain, *name, sts); !applied)
            co_return std::unexpected(std::move(applied).error());
    auto addresses =
        co_await net::find_addresses(guides.resolver, *name, guides.ourselves, guides.random, deadline);
    if (!addresses)
        co_return std::unexpected(Detour{.why = outcome_of(addresses.error()), .policy = "route"});
    stop.addresses = addresses->addresses;
    co_return stop;
}

}  // namespace hongyan::outbound
