#include "server/interfaces.h"

#include <cstring>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/endpoint.h"

namespace hongyan::server {

std::vector<dns::IpAddress> interface_addresses() {
    std::vector<dns::IpAddress> addresses;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return addresses;
    for (const auto* each = all; each != nullptr; each = each->ifa_next) {
        const auto family = each->ifa_addr != nullptr ? each->ifa_addr->sa_family : AF_UNSPEC;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage storage{};
        const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        std::memcpy(&storage, each->ifa_addr, size);
        if (const auto address = dns::IpAddress::parse(net::Endpoint::from(storage, size).address()))
            addresses.push_back(*address);
    }
    ::freeifaddrs(all);
    return addresses;
}

}  // namespace hongyan::server
