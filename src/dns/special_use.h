// Addresses that no host of the internet has.
#pragma once

#include <string_view>

#include "dns/ip_address.h"

namespace hongyan::dns {

// What an address is set aside for, if it is not one that anybody may be reached at from anywhere (RFC 6890):
// "loopback", "private", "link-local", ... Empty: it is an ordinary one. IPv4 within IPv6 counts as what it
// is.
std::string_view special_use(const IpAddress& address);

}  // namespace hongyan::dns
