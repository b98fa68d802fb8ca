// An address of the internet, without a port.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::dns {

// IPv4 or IPv6. IPv4 addresses that are mapped into IPv6 are a thing of sockets and do not occur here.
class IpAddress {
public:
    IpAddress() = default;  // 0.0.0.0
    // "192.0.2.1" or "2001:db8::1", nothing around it.
    static std::optional<IpAddress> parse(std::string_view text);
    // "[192.0.2.1]" or "[IPv6:2001:db8::1]", as mail addresses have it (RFC 5321 §4.1.3).
    static std::optional<IpAddress> parse_literal(std::string_view text);
    // Four or sixteen octets, as a record has them.
    static std::optional<IpAddress> from_octets(std::string_view octets);

    bool is_ipv6() const { return ipv6_; }
    std::string octets() const;  // four or sixteen, in network order
    std::string to_string() const;
    // The name that its PTR record has: 1.2.0.192.in-addr.arpa (RFC 1035 §3.5, RFC 3596 §2.5).
    std::string reverse_name() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

private:
    bool ipv6_ = false;
    std::array<char, 16> bytes_{};  // IPv4 has the first four
};

}  // namespace hongyan::dns
