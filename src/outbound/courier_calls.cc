// The courier's part that calls: who is asked, in which order, and the connection to one of them.
#include "net/connector.h"
#include "outbound/courier.h"
#include "outbound/secret.h"

namespace hongyan::outbound {

namespace {

using smtp_client::Session;
using smtp_client::Stage;
using smtp_client::StartTls;
using tls_policy::TlsResult;

std::uint16_t port_of(const Stop& stop, const Settings& settings) {
    return stop.port != 0 ? stop.port : settings.port;
}

std::optional<dns::IpAddress> literal_of(const std::string& destination) {
    return dns::IpAddress::parse_literal(destination);
}

}  // namespace

net::Task<bool> Courier::visit_hosts() {
    began_ = std::chrono::steady_clock::now();
    if (destination_->hop) co_return co_await visit_hop(*destination_->hop);
    const auto name = destination_->name;
    if (const auto address = literal_of(name)) {
        const auto& ours = office_.guides().ourselves.addresses;
        if (std::ranges::find(ours, *address) != ours.end()) {
            failed_at(smtp_client::refused(Stage::connection, "5.4.6", "that address is our own"));
            co_return false;
        }
        const auto stop = stop_at(office_.settings(), name, *address, destination_->wish);
        Itinerary itinerary(1, std::chrono::steady_clock::now());
        if (stop) co_return co_await visit_host(*stop, itinerary, true);
        pass_by(name, stop.error());
        co_return false;
    }
    const auto way = co_await find_way(office_.guides(), office_.settings(), name, destination_->wish);
    if (way) co_return co_await visit_hosts_of(*way);
    failed_at(way.error());
    co_return false;
}

net::Task<bool> Courier::visit_hosts_of(const Way& way) {
    std::vector<std::string> names;
    for (const auto& host : way.hosts.hosts) names.push_back(host.name.text());
    Finder find = [this, &way](std::size_t number) {
        const auto patience = net::after(office_.settings().dns_patience);
        return find_stop(office_.guides(), office_.settings(), way, way.hosts.hosts[number].name, patience);
    };
    co_return co_await visit_each(std::move(names), std::move(find));
}

// RFC 5321 §5.1: in the order of preference, until somebody takes what there is.
net::Task<bool> Courier::visit_each(std::vector<std::string> hosts, Finder find) {
    Itinerary itinerary(hosts.size(), std::chrono::steady_clock::now());
    std::vector<Stop> later;
    std::vector<Stop> last;
    for (std::size_t i = 0; i < hosts.size() && itinerary.may_call(std::chrono::steady_clock::now()); ++i) {
        began_ = std::chrono::steady_clock::now();
        auto stop = co_await find(i);
        if (office_.is_closing()) co_return false;
        if (!stop) {
            pass_by(hosts[i], stop.error());
            continue;
        }
        const auto port = port_of(*stop, office_.settings());
        const auto rests = [this, port](const dns::IpAddress& address) {
            return office_.rests().rests(net::Endpoint::at(address, port).to_string(),
                                         std::chrono::steady_clock::now());
        };
        auto [now, rest, resting] = itinerary.divide(stop->addresses, rests);
        const auto put_by = [&stop](std::vector<Stop>& stops, std::vector<dns::IpAddress> addresses) {
            if (addresses.empty()) return;
            stops.push_back(*stop);
            stops.back().addresses = std::move(addresses);
        };
        put_by(later, std::move(rest));
        put_by(last, std::move(resting));
        stop->addresses = std::move(now);
        const bool is_last = i + 1 == hosts.size() && later.empty() && last.empty();
        if (co_await visit_host(*stop, itinerary, is_last)) co_return true;
    }
    const bool are_last = last.empty();
    if (co_await visit_all(std::move(later), itinerary, are_last)) co_return true;
    co_return co_await visit_all(std::move(last), itinerary, true);
}

net::Task<bool> Courier::visit_all(std::vector<Stop> stops, Itinerary& itinerary, bool are_last) {
    for (const auto& stop : stops)
        if (co_await visit_host(stop, itinerary, are_last && &stop == &stops.back())) co_return true;
    co_return false;
}

void Courier::pass_by(const std::string& host, const Detour& detour) {
    where_ = {.host = host, .policy = detour.policy};
    is_counted_ = false;
    source_.clear();
    receiver_.clear();
    failed_at(detour.why);
    if (detour.result != TlsResult::success)
        count(detour.reported, {.result = detour.result, .mx_host = host, .reason = detour.why.reason});
}

net::Task<bool> Courier::visit_hop(const config::NextHop& hop) {
    where_ = {.host = hop.socket.empty() ? hop.host : hop.socket, .policy = "route"};
    if (!hop.user.empty()) {
        auto credentials = credentials_for(hop, office_.settings().secrets);
        if (!credentials) {
            failed_at(smtp_client::refused(Stage::authentication, "4.7.0", credentials.error().message));
            co_return false;
        }
        credentials_ = *std::move(credentials);
    }
    if (hop.socket.empty()) co_return co_await visit_hop_hosts(hop);
    const auto endpoint = net::Endpoint::parse("unix:" + hop.socket);
    if (!endpoint) {
        failed_at(smtp_client::refused(Stage::connection, "4.4.4", endpoint.error().message));
        co_return false;
    }
    const auto stop = stop_of(hop, hop.socket);
    const auto result = co_await visit(stop, *endpoint, smtp_client::StartTls::never);
    co_return result == Visit::served;
}

net::Task<bool> Courier::visit_hop_hosts(const config::NextHop& hop) {
    // Where a route leads somebody wanted, so it may lead to another port of this machine.
    static const net::Ourselves nobody;
    auto guides = office_.guides();
    const auto& settings = office_.settings();
    const bool may_be_us = hop.port == settings.port && settings.receives_on_port;
    const Guides led{guides.resolver, may_be_us ? guides.ourselves : nobody, guides.random, guides.sts};
    const auto patience = office_.settings().dns_patience;
    const auto hosts = co_await find_hop_hosts(led, settings, hop, net::after(patience));
    if (!hosts) {
        failed_at(hosts.error());
        co_return false;
    }
    hop_is_sure_ = hosts->secure;
    Finder find = [led, &hop, &hosts, patience](std::size_t number) {
        return find_hop_stop(led, hop, hosts->sts, hosts->names[number], net::after(patience));
    };
    co_return co_await visit_each(hosts->names, std::move(find));
}

// Whom TLS has failed with is visited again without it, unless somebody demands it (RFC 7435 §3): a broken
// offer of TLS must not keep mail that would go in plain text to who offers none.
net::Task<bool> Courier::visit_host(const Stop& stop, Itinerary& itinerary, bool is_last) {
    for (std::size_t i = 0; i < stop.addresses.size(); ++i) {
        if (!itinerary.may_call(std::chrono::steady_clock::now())) break;
        itinerary.called();
        const bool is_last_address = is_last && i + 1 == stop.addresses.size();
        has_others_ = !is_last_address && itinerary.may_call(std::chrono::steady_clock::now());
        const auto endpoint = net::Endpoint::at(stop.addresses[i], port_of(stop, office_.settings()));
        auto result = co_await visit(stop, endpoint, stop.starttls);
        if (result == Visit::tls_failed && stop.starttls != StartTls::required)
            result = co_await visit(stop, endpoint, StartTls::never);
        if (result == Visit::served) co_return true;
        if (has_answered_) itinerary.served(std::chrono::steady_clock::now());
        if (office_.is_closing()) break;
    }
    co_return false;
}

net::Task<Courier::Visit> Courier::visit(const Stop& stop, const net::Endpoint& endpoint, StartTls starttls) {
    const auto& settings = office_.settings();
    began_ = std::chrono::steady_clock::now();
    is_counted_ = starttls == StartTls::never || destination_->hop.has_value();
    receiver_ = endpoint.is_unix() ? std::string() : endpoint.address();
    was_refused_ = false;
    where_ = {.host = stop.name, .address = endpoint.to_string(), .policy = stop.policy};
    smtp_client::Settings how;
    how.hostname = settings.hostname;
    how.service = stop.service;
    how.starttls = starttls;
    how.credentials = credentials_;
    how.peer_name = stop.name;
    auto connected = co_await net::connect(endpoint, settings.sources, net::after(settings.connect_patience));
    if (!connected) {
        const auto now = std::chrono::steady_clock::now();
        office_.rests().failed(where_.address, now + settings.destination_rests, now);
        failed_at(smtp_client::refused(Stage::connection, "4.4.1", connected.error().message));
        co_return Visit::failed;
    }
    source_ = connected->local.address();
    smtp_client::Security security;
    if (stop.tls_from_the_first_byte) {
        auto secured = co_await secure(*connected->stream, stop);
        if (!secured) {
            failed_at(smtp_client::refused(Stage::tls, "4.7.5", secured.error()));
            co_return Visit::failed;
        }
        security = *std::move(secured);
    }
    Session session(std::make_shared<const smtp_client::Settings>(std::move(how)), std::move(security),
                    office_.guides().random);
    co_return co_await talk(*connected->stream, stop, session);
}

}  // namespace hongyan::outbound
