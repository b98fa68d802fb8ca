// Addresses as they stand in settings: where to listen, and which networks a rule is about.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::config {

// "192.0.2.1:25", "[2001:db8::1]:25", "localhost:2025", "*:25" or "unix:/run/hongyan/lmtp.sock".
struct ListenAddress {
    std::string host;  // "*" is every address of the machine; IPv6 without its brackets; empty for a path
    std::uint16_t port = 0;  // 0 lets the system choose one, which tests like
    std::string path;        // of a Unix socket, or empty

    static Result<ListenAddress> parse(std::string_view text);
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};
std::string to_string(const ListenAddress& address);

// The sixteen bytes of an IPv6 address; an IPv4 address is mapped into ::ffff:0:0/96 (RFC 4291 §2.5.5.2).
using AddressBytes = std::array<std::uint8_t, 16>;
std::optional<AddressBytes> parse_address(std::string_view text);

// "192.0.2.0/24", "2001:db8::/32", or one address alone (RFC 4632 §3.1, RFC 4291 §2.3).
class Network {
public:
    static Result<Network> parse(std::string_view text);
    bool contains(const AddressBytes& address) const;
    std::string to_string() const { return text_; }
    friend bool operator==(const Network&, const Network&) = default;

private:
    AddressBytes first_{};
    unsigned prefix_ = 0;  // bits, counted in the mapped form
    std::string text_;
};

}  // namespace hongyan::config
