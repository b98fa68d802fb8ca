// How mail leaves.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "flow/policy.h"
#include "net/connector.h"
#include "queue/schedule.h"

namespace hongyan::outbound {

struct Settings {
    std::string
        hostname;  // what we call ourselves (RFC 5321 §4.1.1.1); a host that has this name is ourselves
    queue::Schedule schedule;

    std::size_t connections = 0;                   // at most, to all destinations together
    std::size_t connections_per_destination = 0;   // at most; it begins with fewer (pace.h)
    std::size_t messages_per_connection = 0;       // then it is closed, so that load spreads
    std::chrono::milliseconds idle{};              // how long a connection waits for one more message
    std::chrono::milliseconds connect_patience{};  // for one address
    std::chrono::milliseconds dns_patience{};
    // After a destination could not be reached nobody tries for so long.
    std::chrono::milliseconds destination_rests{};
    std::uint16_t port = 25;
    net::Sources sources;
    bool dane = true;     // where DNS is secure (RFC 7672)
    flow::Policy policy;  // under which notifications are delivered
};

}  // namespace hongyan::outbound
