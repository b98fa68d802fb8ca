// IPv4 in IPv6's clothes, as sockets for both families have it and people write it (RFC 4291 §2.5.5.2).
#pragma once

#include "dns/ip_address.h"

namespace hongyan::dns {

// The IPv4 address that is mapped into this one; else itself.
inline IpAddress unmapped(const IpAddress& address) {
    constexpr std::string_view prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    const auto octets = address.octets();
    if (!address.is_ipv6() || !octets.starts_with(prefix)) return address;
    return IpAddress::from_octets(std::string_view(octets).substr(prefix.size())).value_or(address);
}

}  // namespace hongyan::dns
