// The addresses a server listens on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "net/listener.h"
#include "server/service.h"

namespace hongyan::server {

// One address of one service, bound. A name may stand for several sockets.
struct Door {
    const Service* service = nullptr;
    config::ListenAddress address;  // as the settings have it; empty for a socket from systemd
    std::vector<net::BoundSocket> sockets;
};

// Binds every address of the settings that is not in `already`, or says of each that could not be bound why.
// A service that has inherited sockets uses those instead of its addresses; they are taken out of
// `inherited`.
struct Bound {
    std::vector<Door> doors;
    std::vector<Error> failures;
};
Bound bind_doors(const config::Listen& listen, std::vector<net::InheritedSocket>& inherited,
                 const std::function<bool(const Service&, const config::ListenAddress&)>& already);

}  // namespace hongyan::server
