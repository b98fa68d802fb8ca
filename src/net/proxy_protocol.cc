#include "net/proxy_protocol.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/bytes.h"
#include "base/scanner.h"

namespace hongyan::net {

namespace {

constexpr std::string_view text_signature = "PROXY ";
constexpr std::size_t max_text_header = 107;  // bytes with CRLF, §2.1
constexpr std::string_view binary_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t binary_fixed_size = 16;  // signature, version and command, family, length

std::unexpected<Error> no_header() {
    return fail(Error::Kind::invalid, "the connection begins with no PROXY header");
}

template <typename Address>
Endpoint endpoint_from(const Address& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return Endpoint::from(storage, sizeof address);
}

Endpoint ipv4(std::string_view address, std::uint16_t port) {
    sockaddr_in socket{};
    socket.sin_family = AF_INET;
    socket.sin_port = htons(port);
    std::memcpy(&socket.sin_addr, address.data(), sizeof socket.sin_addr);
    return endpoint_from(socket);
}

Endpoint ipv6(std::string_view address, std::uint16_t port) {
    sockaddr_in6 socket{};
    socket.sin6_family = AF_INET6;
    socket.sin6_port = htons(port);
    std::memcpy(&socket.sin6_addr, address.data(), sizeof socket.sin6_addr);
    return endpoint_from(socket);
}

std::optional<Endpoint> endpoint_of(int family, std::string_view address, std::uint16_t port) {
    std::string bytes(family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr), '\0');
    if (address.contains('\0') || ::inet_pton(family, std::string(address).c_str(), bytes.data()) != 1)
        return std::nullopt;
    return family == AF_INET ? ipv4(bytes, port) : ipv6(bytes, port);
}

// "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP source-port SP destination-port CRLF, or "PROXY
// UNKNOWN" and anything up to CRLF (§2.1)
Result<std::optional<ProxyHeader>> parse_text(std::string_view bytes) {
    const auto end = bytes.substr(0, max_text_header).find("\r\n");
    if (end == bytes.npos) {
        if (bytes.size() >= max_text_header) return no_header();
        return std::nullopt;
    }
    ProxyHeader header{.size = end + 2, .client = {}};
    Scanner in(bytes.substr(text_signature.size(), end - text_signature.size()));
    if (in.present("UNKNOWN")) return header;
    const int family = in.present("TCP6 ") ? AF_INET6 : AF_INET;
    if (family == AF_INET) in.expect("TCP4 ");
    const auto source = in.take_until(" ");
    const auto destination = in.take_until(" ");
    const auto source_port = in.number<std::uint16_t>();
    in.expect(" ");
    const auto destination_port = in.number<std::uint16_t>();
    header.client = endpoint_of(family, source, source_port);
    if (!in.complete() || !header.client || !endpoint_of(family, destination, destination_port))
        return no_header();
    return header;
}

// The addresses of the fixed part's family: source, destination, then their ports (§2.2)
std::optional<Endpoint> parse_addresses(std::uint8_t family, std::string_view addresses) {
    constexpr std::uint8_t tcp_over_ipv4 = 0x11;
    constexpr std::uint8_t tcp_over_ipv6 = 0x21;
    const std::size_t size = family == tcp_over_ipv4 ? 4 : 16;
    if ((family != tcp_over_ipv4 && family != tcp_over_ipv6) || addresses.size() < 2 * size + 4)
        return std::nullopt;
    auto ports = addresses.substr(2 * size);
    const auto port = *bytes::take_big_endian<std::uint16_t>(ports);
    return family == tcp_over_ipv4 ? ipv4(addresses, port) : ipv6(addresses, port);
}

Result<std::optional<ProxyHeader>> parse_binary(std::string_view bytes) {
    constexpr std::uint8_t local = 0x20;
    constexpr std::uint8_t proxied = 0x21;
    if (bytes.size() < binary_fixed_size) return std::nullopt;
    auto rest = bytes.substr(binary_signature.size());
    const auto command = *bytes::take_big_endian<std::uint8_t>(rest);
    const auto family = *bytes::take_big_endian<std::uint8_t>(rest);
    const auto length = *bytes::take_big_endian<std::uint16_t>(rest);
    ProxyHeader header{.size = binary_fixed_size + length, .client = {}};
    if ((command != local && command != proxied) || header.size > max_proxy_header) return no_header();
    if (bytes.size() < header.size) return std::nullopt;
    if (command == local) return header;
    header.client = parse_addresses(family, rest.substr(0, length));
    // Unix sockets and UDP say nothing that we could use; too short an address is no address.
    if (!header.client && (family == 0x11 || family == 0x21)) return no_header();
    return header;
}

}  // namespace

Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes) {
    const auto begins_as = [&](std::string_view signature) {
        const auto size = std::min(bytes.size(), signature.size());
        return bytes.substr(0, size) == signature.substr(0, size);
    };
    if (begins_as(binary_signature)) return parse_binary(bytes);
    if (!begins_as(text_signature)) return no_header();
    if (bytes.size() < text_signature.size()) return std::nullopt;
    return parse_text(bytes);
}

}  // namespace hongyan::net
