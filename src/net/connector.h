// Connections that we begin.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "net/endpoint.h"
#include "net/socket_stream.h"

namespace hongyan::net {

// Where connections come from, per family; the system chooses where nothing is said.
struct Sources {
    std::optional<dns::IpAddress> ipv4;
    std::optional<dns::IpAddress> ipv6;
};

struct Connected {
    std::unique_ptr<SocketStream> stream;  // of this thread
    Endpoint peer;
    Endpoint local;
};

// Tries one address until the deadline. `unavailable` if nobody answers in time, is there, or the way is
// shut: all of that may change. The message names the address and the reason.
Task<Result<Connected>> connect(Endpoint peer, Sources sources, Deadline deadline);

// One after the other, each for at most `patience_each`, until one answers; the failure names all of them. An
// address whose family this machine does not have costs no time.
Task<Result<Connected>> connect_to_first(std::vector<Endpoint> peers, Sources sources,
                                         std::chrono::milliseconds patience_each, Deadline deadline);

}  // namespace hongyan::net
