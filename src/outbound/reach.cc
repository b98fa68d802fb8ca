#include "outbound/reach.h"

#include "config/networks.h"
#include "dns/special_use.h"

namespace hongyan::outbound {

namespace {

bool is_permitted(const Settings& settings, const dns::IpAddress& address) {
    return config::is_in(settings.private_networks, address.to_string());
}

}  // namespace

bool may_be_called(const Settings& settings, const dns::IpAddress& address) {
    return dns::special_use(address).empty() || is_permitted(settings, address);
}

bool may_be_asked(const Settings& settings, const net::Ourselves& ours, const dns::IpAddress& address) {
    const bool is_strangers = dns::special_use(address).empty() &&
                              std::ranges::find(ours.addresses, address) == ours.addresses.end();
    return is_strangers || is_permitted(settings, address);
}

std::optional<smtp_client::Outcome> complaint_about(const Settings& settings, std::string_view host,
                                                    std::span<const dns::IpAddress> addresses) {
    if (addresses.empty()) return std::nullopt;
    for (const auto& address : addresses)
        if (may_be_called(settings, address)) return std::nullopt;
    const auto use = dns::special_use(addresses.front());
    return smtp_client::refused(
        smtp_client::Stage::connection, use == "loopback" ? "5.4.6" : "5.4.4",
        fmt::format("{} is at {}, which is no address of the internet ({}); outbound.private_networks does "
                    "not name it",
                    host, addresses.front().to_string(), use));
}

}  // namespace hongyan::outbound
