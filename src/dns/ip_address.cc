#include "dns/ip_address.h"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/compile.h>
#include <fmt/format.h>

#include "base/ascii.h"

namespace hongyan::dns {

namespace {

constexpr std::size_t ipv4_size = 4;
constexpr std::size_t ipv6_size = 16;

}  // namespace

std::optional<IpAddress> IpAddress::from_octets(std::string_view octets) {
    if (octets.size() != ipv4_size && octets.size() != ipv6_size) return std::nullopt;
    IpAddress address;
    address.ipv6_ = octets.size() == ipv6_size;
    std::ranges::copy(octets, address.bytes_.begin());
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
    const std::string terminated(text);
    std::array<char, ipv6_size> bytes{};
    const bool ipv6 = text.contains(':');
    if (::inet_pton(ipv6 ? AF_INET6 : AF_INET, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
    return from_octets({bytes.data(), ipv6 ? ipv6_size : ipv4_size});
}

std::optional<IpAddress> IpAddress::parse_literal(std::string_view text) {
    constexpr std::string_view tag = "IPv6:";
    if (text.size() < 2 || !text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
    text = text.substr(1, text.size() - 2);
    const bool ipv6 = ascii::istarts_with(text, tag);
    const auto address = parse(ipv6 ? text.substr(tag.size()) : text);
    return address && address->is_ipv6() == ipv6 ? address : std::nullopt;
}

std::string IpAddress::octets() const { return {bytes_.data(), ipv6_ ? ipv6_size : ipv4_size}; }

std::string IpAddress::to_string() const {
    const auto octet = [this](std::size_t i) { return static_cast<std::uint8_t>(bytes_[i]); };
    if (!ipv6_) return fmt::format(FMT_COMPILE("{}.{}.{}.{}"), octet(0), octet(1), octet(2), octet(3));
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

std::string IpAddress::reverse_name() const {
    std::string out;
    const auto all = octets();
    for (auto octet = all.rbegin(); octet != all.rend(); ++octet) {
        const auto value = static_cast<std::uint8_t>(*octet);
        if (ipv6_)
            fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:x}.{:x}."), value & 0xfU, value >> 4U);
        else
            fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}."), value);
    }
    return out + (ipv6_ ? "ip6.arpa" : "in-addr.arpa");
}

}  // namespace hongyan::dns
