#include "server/admission.h"

#include "base/check.h"
#include "config/networks.h"

namespace hongyan::server {

namespace {

bool is_exempt(const net::Endpoint& peer, const config::Limits& limits) {
    return peer.is_unix() || config::is_in(limits.exempt_networks, peer.address());
}

}  // namespace

Result<Admission::Ticket> Admission::admit(const net::Endpoint& peer, const config::Limits& limits) {
    TRY(auto ticket, admit_unnamed(limits));
    TRY(name(ticket, peer, limits));
    return ticket;
}

Result<Admission::Ticket> Admission::admit_unnamed(const config::Limits& limits) {
    const std::lock_guard lock(mutex_);
    if (inside_ >= limits.connections)
        return fail(Error::Kind::unavailable, "Too many connections, please come back later");
    ++inside_;
    return Ticket(*this);
}

Result<void> Admission::name(Ticket& ticket, const net::Endpoint& client, const config::Limits& limits) {
    check(!ticket.site_, "a guest is named once");
    auto site = client.site();
    const bool exempt = is_exempt(client, limits);
    const std::lock_guard lock(mutex_);
    const auto known = by_site_.find(site);
    if (!exempt && known != by_site_.end() && known->second >= limits.connections_per_address)
        return fail(Error::Kind::unavailable, "Too many connections from your address");
    ++by_site_[site];
    ticket.site_ = std::move(site);
    return {};
}

void Admission::leave(const std::optional<std::string>& site) {
    const std::lock_guard lock(mutex_);
    --inside_;
    if (!site) return;
    const auto known = by_site_.find(*site);
    if (--known->second == 0) by_site_.erase(known);
}

std::size_t Admission::inside() const {
    const std::lock_guard lock(mutex_);
    return inside_;
}

}  // namespace hongyan::server
