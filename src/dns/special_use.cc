#include "dns/special_use.h"

#include <cstdint>
#include <string>

namespace hongyan::dns {

namespace {

struct Block {
    std::string_view first;
    unsigned bits;
    std::string_view use;
};

// Of the registries of RFC 6890 those that lead nowhere, to this machine or into somebody's own network.
constexpr Block blocks[] = {
    {"0.0.0.0", 8, "this network"}, {"10.0.0.0", 8, "private"},        {"100.64.0.0", 10, "private"},
    {"127.0.0.0", 8, "loopback"},   {"169.254.0.0", 16, "link-local"}, {"172.16.0.0", 12, "private"},
    {"192.168.0.0", 16, "private"}, {"224.0.0.0", 4, "multicast"},     {"240.0.0.0", 4, "reserved"},
    {"::", 128, "this network"},    {"::1", 128, "loopback"},          {"fc00::", 7, "private"},
    {"fe80::", 10, "link-local"},   {"fec0::", 10, "private"},         {"ff00::", 8, "multicast"},
};

// Where IPv6 addresses have an IPv4 address within them: the octets before it.
struct Embedding {
    std::string_view first;
    unsigned bits;
};
constexpr Embedding embeddings[] = {{"::ffff:0:0", 96}, {"64:ff9b::", 96}, {"2002::", 16}};

bool is_within(std::string_view octets, std::string_view block, unsigned bits) {
    constexpr unsigned bits_of_octet = 8;
    for (unsigned bit = 0; bit < bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % bits_of_octet);
        const auto one = static_cast<std::uint8_t>(octets[bit / bits_of_octet]);
        const auto other = static_cast<std::uint8_t>(block[bit / bits_of_octet]);
        if (((one ^ other) & mask) != 0) return false;
    }
    return true;
}

}  // namespace

std::string_view special_use(const IpAddress& address) {
    constexpr std::size_t ipv4_size = 4;
    constexpr unsigned bits_of_octet = 8;
    const auto octets = address.octets();
    for (const auto& block : blocks) {
        const auto first = IpAddress::parse(block.first)->octets();
        if (first.size() == octets.size() && is_within(octets, first, block.bits)) return block.use;
    }
    if (!address.is_ipv6()) return {};
    for (const auto& embedding : embeddings) {
        if (!is_within(octets, IpAddress::parse(embedding.first)->octets(), embedding.bits)) continue;
        const auto within = std::string_view(octets).substr(embedding.bits / bits_of_octet, ipv4_size);
        return special_use(*IpAddress::from_octets(within));
    }
    return {};
}

}  // namespace hongyan::dns
