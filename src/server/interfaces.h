// The addresses of this machine.
#pragma once

#include <vector>

#include "dns/ip_address.h"

namespace hongyan::server {

// Of all interfaces, loopback too; empty if the system does not tell.
std::vector<dns::IpAddress> interface_addresses();

}  // namespace hongyan::server
