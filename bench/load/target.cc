#include "bench/load/target.h"

#include <netinet/in.h>

#include "bench/load/failure.h"

namespace hongyan::load {

namespace {

bool is_loopback(const net::Endpoint& endpoint) {
    constexpr std::uint32_t loopback_net = 127;  // RFC 1122 §3.2.1.3
    if (endpoint.family() == AF_INET)
        return ntohl(reinterpret_cast<const sockaddr_in*>(endpoint.data())->sin_addr.s_addr) >> 24U ==
               loopback_net;
    return endpoint.family() == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(endpoint.data())->sin6_addr);
}

}  // namespace

std::string Target::user(std::uint64_t index) const {
    auto name = users;
    const auto number = fmt::format("{:04}", first_user + index % user_count);
    if (const auto at = name.find("{}"); at != std::string::npos) name.replace(at, 2, number);
    return name;
}

net::Endpoint loopback(const std::string& address, std::uint16_t port) {
    const bool v6 = address.contains(':');
    const auto endpoint =
        net::Endpoint::parse(fmt::format("{}{}{}:{}", v6 ? "[" : "", address, v6 ? "]" : "", port));
    if (!endpoint) give_up("{}", endpoint.error().message);
    if (endpoint->is_dual() || !is_loopback(*endpoint))
        give_up("{} is not a loopback address, and no other is ever put under load", address);
    return *endpoint;
}

}  // namespace hongyan::load
