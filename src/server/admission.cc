#include "server/admission.h"

namespace hongyan::server {

namespace {

bool is_exempt(const net::Endpoint& peer, const config::Limits& limits) {
    if (peer.is_unix()) return true;
    const auto bytes = config::parse_address(peer.address());
    return bytes && std::ranges::any_of(limits.exempt_networks,
                                        [&](const auto& network) { return network.contains(*bytes); });
}

}  // namespace

Result<Admission::Ticket> Admission::admit(const net::Endpoint& peer, const config::Limits& limits) {
    auto site = peer.site();
    const bool exempt = is_exempt(peer, limits);
    const std::lock_guard lock(mutex_);
    if (inside_ >= limits.connections)
        return fail(Error::Kind::unavailable, "Too many connections, please come back later");
    const auto known = by_site_.find(site);
    if (!exempt && known != by_site_.end() && known->second >= limits.connections_per_address)
        return fail(Error::Kind::unavailable, "Too many connections from your address");
    ++inside_;
    ++by_site_[site];
    return Ticket(*this, std::move(site));
}

void Admission::leave(const std::string& site) {
    const std::lock_guard lock(mutex_);
    --inside_;
    const auto known = by_site_.find(site);
    if (--known->second == 0) by_site_.erase(known);
}

std::size_t Admission::inside() const {
    const std::lock_guard lock(mutex_);
    return inside_;
}

}  // namespace hongyan::server
