#include "config/network.h"

#include <arpa/inet.h>

#include "base/scanner.h"

namespace hongyan::config {

namespace {

constexpr unsigned mapped_prefix = 96;  // bits before an IPv4 address in its mapped form
constexpr std::string_view unix_scheme = "unix:";
constexpr std::size_t max_socket_path = 107;  // what sockaddr_un holds, its final NUL left out

bool is_host_byte(char c) { return c != '[' && c != ']' && c != ':' && !ascii::is_space(c); }

Result<ListenAddress> parse_unix(std::string_view path) {
    if (path.empty() || path.size() > max_socket_path || path.find('\0') != path.npos)
        return fail(Error::Kind::invalid, "\"unix:{}\" needs a path of 1 to {} bytes", path, max_socket_path);
    return ListenAddress{.host = {}, .port = 0, .path = std::string(path)};
}

}  // namespace

// address = (host / "*" / "[" IPv6 "]") ":" port / "unix:" path
Result<ListenAddress> ListenAddress::parse(std::string_view text) {
    if (text.starts_with(unix_scheme)) return parse_unix(text.substr(unix_scheme.size()));
    Scanner in(text);
    std::string_view host;
    if (in.present("[")) {
        host = in.take_until("]");
        if (!parse_address(host)) in.fail();
    } else {
        host = in.take_some(is_host_byte);
    }
    in.expect(":");
    const auto port = in.number<std::uint16_t>();
    if (!in.complete())
        return fail(Error::Kind::invalid, "\"{}\" is not an address such as \"*:25\" or \"[::1]:25\"", text);
    return ListenAddress{.host = std::string(host), .port = port, .path = {}};
}

std::string to_string(const ListenAddress& address) {
    if (!address.path.empty()) return fmt::format("{}{}", unix_scheme, address.path);
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

std::optional<AddressBytes> parse_address(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    AddressBytes bytes{};
    if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xff;
    if (::inet_pton(AF_INET, terminated.c_str(), bytes.data() + mapped_prefix / 8) == 1) return bytes;
    return std::nullopt;
}

Result<Network> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    const unsigned base = text.substr(0, slash).find(':') == text.npos ? mapped_prefix : 0;
    unsigned bits = 128 - base;
    if (slash != text.npos) {
        Scanner in(text.substr(slash + 1));
        bits = in.number<std::uint32_t>(128 - base);
        if (!in.complete()) bits = 129;
    }
    if (!address || bits > 128)
        return fail(Error::Kind::invalid, "\"{}\" is not a network such as \"192.0.2.0/24\"", text);
    Network network;
    network.first_ = *address;
    network.prefix_ = base + bits;
    network.text_ = text;
    return network;
}

bool Network::contains(const AddressBytes& address) const {
    const auto whole = prefix_ / 8;
    if (!std::equal(first_.begin(), first_.begin() + whole, address.begin())) return false;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> (prefix_ % 8));
    return prefix_ % 8 == 0 || ((first_[whole] ^ address[whole]) & mask) == 0;
}

}  // namespace hongyan::config
