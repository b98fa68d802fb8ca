// Where somebody comes from, as far as that tells who he is.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/network.h"

namespace hongyan::reputation {

// A network, in the one form in which equal ones are equal. Of a client: his IPv4 address or, as each has one
// of his own, his IPv6 /64. A value; any thread.
class Site {
public:
    // Nothing if it is no address: a unix socket, say.
    static std::optional<Site> of(std::string_view address);
    // "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; an IPv6 address alone is its /64. Invalid also if the
    // network is wider than an IPv4 /8 or an IPv6 /16: whoever means that closes a port.
    static Result<Site> parse(std::string_view text);

    // The IPv4 /24 or IPv6 /48 that it is in; itself if it is wider.
    Site neighbourhood() const;
    // The network of so many bits, counted in the form ::ffff:0:0/96 for IPv4, that it is in.
    Site within(unsigned prefix) const;
    unsigned prefix() const { return prefix_; }
    const config::AddressBytes& first() const { return first_; }
    std::string to_string() const;
    // Seventeen octets, for keys and records.
    std::string octets() const;
    static std::optional<Site> from_octets(std::string_view octets);

    friend bool operator==(const Site&, const Site&) = default;
    friend auto operator<=>(const Site&, const Site&) = default;

private:
    bool is_ipv4() const;

    config::AddressBytes first_{};
    unsigned prefix_ = 0;  // bits
};

}  // namespace hongyan::reputation
