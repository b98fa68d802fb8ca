// Ways that mail takes instead of the hosts of its domain, as they stand in settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/provider.h"

namespace hongyan::config {

// Where a route leads to.
struct NextHop {
    enum class Protocol { smtp, lmtp };

    std::string text;     // as it was said; two routes with one text share their connections
    bool direct = false;  // to the hosts of the domain, as if there were no route; nothing below is said
    Protocol protocol = Protocol::smtp;
    std::string host;  // a name, or an address without brackets; empty: see socket
    bool looks_up_mx = false;
    std::uint16_t port = 0;
    std::string socket;  // the path of a unix socket
    RouteTls tls = RouteTls::opportunistic;
    std::string user;               // to log in as; empty: nobody
    std::filesystem::path secret;   // whose first line is the password; empty: it is among outbound.secrets
    std::filesystem::path token;    // whose first line is an OAuth token (RFC 6750); empty: none
    std::uint64_t connections = 0;  // at most; 0: as to any destination
    std::uint64_t messages = 0;     // at most, in a minute; 0: no limit
    const Provider* provider = nullptr;  // nullptr: none that we know

    // "relay.example.net", "[192.0.2.1]:2525 tls=required user=ann", "lmtp:unix:/run/lmtp",
    // "qq:12345@qq.com", "direct".
    static Result<NextHop> parse(std::string_view text);
    friend bool operator==(const NextHop& one, const NextHop& other) { return one.text == other.text; }
};

// "WHO NEXT-HOP". WHO is what the recipient's domain must be ("example.org", ".example.org" for all names
// below, "*") or, after "from:", the reverse-path ("from:ann@example.org", "from:@example.org").
struct Route {
    std::string domain;  // in lower case; empty: see sender
    std::string sender;  // in lower case
    NextHop hop;

    static Result<Route> parse(std::string_view text);
    std::string to_string() const;
    friend bool operator==(const Route&, const Route&) = default;
};

using Routes = std::vector<Route>;

}  // namespace hongyan::config
