// The server that is measured, as a client sees it.
#pragma once

#include <cstdint>
#include <string>

#include "net/endpoint.h"

namespace hongyan::load {

enum class Tls { none, starttls, implicit };

struct Target {
    net::Endpoint server;
    Tls tls = Tls::none;
    std::string users = "u{}@bench.test";  // "{}" becomes four digits
    std::string password = {};
    unsigned user_count = 200;
    unsigned first_user = 1;

    // Of the index-th client; indices go round.
    std::string user(std::uint64_t index) const;
};

// An address and a port that only this machine can reach; anything else is a Failure, so that nobody's server
// is loaded by mistake.
net::Endpoint loopback(const std::string& address, std::uint16_t port);

}  // namespace hongyan::load
