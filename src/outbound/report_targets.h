// To whom reports on mail in a domain's name go, as far as they have agreed.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/log.h"
#include "net/resolver.h"
#include "reports/destinations.h"

namespace hongyan::outbound {

// Strangers name the destinations and answer for them, so all of a domain's are asked at once and not for
// long.
inline constexpr std::chrono::milliseconds longest_look_up = std::chrono::seconds(10);

struct Targets {
    std::vector<reports::Destination> destinations = {};
    bool is_complete = true;  // otherwise DNS had no answer for some
};

// Of these URIs of a DMARC record, in their order (RFC 7489 §7.2.1). What is passed over is logged with the
// reason. The resolver and the log outlive the task.
net::Task<Targets> targets_of(net::Resolver& resolver, const log::Log& log, std::string domain,
                              std::vector<std::string> uris, reports::Wanted wanted,
                              std::chrono::milliseconds patience);

}  // namespace hongyan::outbound
