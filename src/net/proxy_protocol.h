// Whose connection it is that a proxy passes on: the PROXY protocol, versions 1 and 2, as HAProxy defined it
// (proxy-protocol.txt §2). Only what comes from a proxy that we trust is read so.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/endpoint.h"

namespace hongyan::net {

struct ProxyHeader {
    std::size_t size = 0;  // bytes; what follows is the client's
    std::optional<Endpoint>
        client;  // nothing: the proxy speaks for itself, or does not know (LOCAL, UNKNOWN)
};

inline constexpr std::size_t max_proxy_header =
    2048;  // bytes; version 2 may carry certificates, which nobody needs here

// The header at the front of `bytes`; nothing while all of them are a part of it and more must follow.
// Invalid if they are no header.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes);

}  // namespace hongyan::net
