// How mail leaves.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "config/config.h"
#include "flow/policy.h"
#include "net/connector.h"
#include "outbound/limits.h"
#include "outbound/routes.h"
#include "queue/schedule.h"
#include "tls_policy/decide.h"

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
    bool receives_on_port = false;      // so do we: who is at one of our addresses is ourselves
    config::Networks private_networks;  // to which the names of strangers may lead (reach.h)
    net::Sources sources;
    std::uint16_t https_port = 443;  // of policies and reports
    tls_policy::OwnDemand tls;       // the least that is demanded of every host
    bool dane = true;                // where DNS is secure (RFC 7672)
    bool mta_sts = true;             // RFC 8461
    bool tls_reports = true;         // RFC 8460
    std::string tls_reports_from;    // an address; empty: of a domain that signs
    Routes routes;
    Limits limits;                  // of single domains
    std::filesystem::path secrets;  // see secret.h
    config::Reports reports;        // of DMARC (RFC 7489)
    flow::Policy policy;            // under which notifications are delivered
};

}  // namespace hongyan::outbound
