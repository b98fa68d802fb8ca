#include "server/outward.h"

#include <algorithm>
#include <utility>

#include "config/networks.h"
#include "server/interfaces.h"

namespace hongyan::server {

namespace {

queue::Schedule schedule_of(const config::Queue& queue) {
    return {.delays = queue.retry,
            .lifetime = queue.lifetime,
            .notification_lifetime = queue.notification_lifetime,
            .delay_warning = queue.delay_warning};
}

tls_policy::OwnDemand least_demand(config::OutwardTls tls) {
    using tls_policy::Tls, tls_policy::Verify;
    switch (tls) {
        case config::OutwardTls::never:
            return {.tls = Tls::none};
        case config::OutwardTls::may:
            return {.tls = Tls::may};
        case config::OutwardTls::must:
            return {.tls = Tls::must};
        case config::OutwardTls::verified:
            break;
    }
    return {.tls = Tls::must, .verify = Verify::pkix};
}

// A host of this name is ourselves.
std::vector<dns::Name> own_names(const std::string& hostname) {
    const auto name = dns::Name::parse(hostname);
    return name ? std::vector{*name} : std::vector<dns::Name>{};
}

// The port of others is one on which we receive.
bool receives_on(const config::Config& config, std::uint64_t port) {
    return std::ranges::any_of(config.listen.smtp,
                               [&](const config::ListenAddress& address) { return address.port == port; });
}

bool is_free(const config::Config& config, const dns::IpAddress& address) {
    return config::is_in(config.outbound.private_networks, address.to_string());
}

// Of all interfaces: a host there is this machine, which would send the mail on again (RFC 5321 §5.1). But
// for those that the settings allow, as long as it is not us who listen there.
std::vector<dns::IpAddress> own_addresses(const config::Config& config) {
    auto addresses = interface_addresses();
    if (!receives_on(config, config.outbound.port))
        std::erase_if(addresses, [&](const dns::IpAddress& address) { return is_free(config, address); });
    return addresses;
}

}  // namespace

outbound::Settings outbound_settings(const Rules& rules) {
    const auto& [config, hostname] = rules;
    const auto& outbound = config.outbound;
    outbound::Settings settings;
    settings.hostname = hostname;
    settings.schedule = schedule_of(config.queue);
    settings.connections = outbound.connections;
    settings.connections_per_destination = outbound.connections_per_destination;
    settings.messages_per_connection = outbound.messages_per_connection;
    settings.idle = outbound.idle;
    settings.connect_patience = outbound.connect_patience;
    settings.dns_patience = config.dns.patience;
    settings.destination_rests = outbound.destination_rests;
    settings.port = static_cast<std::uint16_t>(outbound.port);
    settings.receives_on_port = receives_on(config, config.outbound.port);
    settings.private_networks = outbound.private_networks;
    settings.sources = {.ipv4 = dns::IpAddress::parse(outbound.source_ipv4),
                        .ipv6 = dns::IpAddress::parse(outbound.source_ipv6)};
    settings.https_port = static_cast<std::uint16_t>(outbound.https_port);
    settings.tls = least_demand(outbound.tls);
    settings.dane = outbound.dane;
    settings.mta_sts = outbound.mta_sts;
    settings.tls_reports = outbound.tls_reports;
    settings.tls_reports_from = outbound.tls_reports_from;
    settings.reports = config.reports;
    settings.limits = outbound::Limits(outbound.limits);
    settings.routes = outbound::Routes(outbound.routes);
    settings.secrets = outbound.secrets.empty() ? config.data / "secrets" : outbound.secrets;
    settings.policy = policy_of(config, hostname);
    return settings;
}

Outward::Outward() : loops_(1) {}

Result<std::unique_ptr<Outward>> Outward::make(const Mail& mail, net::Resolver& resolver,
                                               const Rules& rules) {
    std::unique_ptr<Outward> made(new Outward());
    auto& loop = made->loops_[0];
    TRY(made->tls_, net::TlsClientContext::make(rules.config.outbound.authorities));
    made->drain_time_ = rules.config.drain_time;
    made->dispatcher_ = std::make_unique<outbound::Dispatcher>(
        loop,
        outbound::Parts{
            .world = mail.world(),
            .resolver = resolver,
            .tls = *made->tls_,
            .random = mail.random(),
            .ourselves = {.names = own_names(rules.hostname), .addresses = own_addresses(rules.config)}},
        outbound_settings(rules));
    made->dispatcher_->start();
    return made;
}

Outward::~Outward() { stop(); }

void Outward::stop() {
    if (dispatcher_ && !std::exchange(stopped_, true)) dispatcher_->close(drain_time_);
    loops_.stop();
}

void Outward::apply(const Rules& rules) { dispatcher_->apply(outbound_settings(rules)); }

}  // namespace hongyan::server
