// Whether an address is in one of the networks that a rule is about.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "config/network.h"

namespace hongyan::config {

// An address as text; what is none, as that of a unix socket is, is in no network.
inline bool is_in(std::span<const Network> networks, std::string_view address) {
    const auto bytes = parse_address(address);
    return bytes &&
           std::ranges::any_of(networks, [&](const Network& network) { return network.contains(*bytes); });
}

}  // namespace hongyan::config
