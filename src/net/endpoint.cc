#include "net/endpoint.h"

#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "base/scanner.h"

namespace hongyan::net {

namespace {

constexpr std::string_view unix_prefix = "unix:";

const sockaddr_in& as_ipv4(const sockaddr* address) { return *reinterpret_cast<const sockaddr_in*>(address); }
const sockaddr_in6& as_ipv6(const sockaddr* address) {
    return *reinterpret_cast<const sockaddr_in6*>(address);
}
const sockaddr_un& as_unix(const sockaddr* address) { return *reinterpret_cast<const sockaddr_un*>(address); }

template <typename Address>
Endpoint endpoint_from(const Address& address) {
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return Endpoint::from(storage, sizeof address);
}

std::optional<Endpoint> ipv4(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return std::nullopt;
    return endpoint_from(address);
}

std::optional<Endpoint> ipv6(const std::string& host, std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, host.c_str(), &address.sin6_addr) != 1) return std::nullopt;
    return endpoint_from(address);
}

void set_port(sockaddr_storage& storage, std::uint16_t port) {
    if (storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
    if (storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
}

Result<Endpoint> unix_endpoint(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return fail(Error::Kind::invalid, "the path of a unix socket has 1 to {} bytes, not {}",
                    sizeof address.sun_path - 1, path.size());
    std::ranges::copy(path, address.sun_path);
    return endpoint_from(address);
}

}  // namespace

// endpoint = "unix:" path / ("*" / IPv4 / "[" IPv6 "]") ":" port
Result<Endpoint> Endpoint::parse(std::string_view text) {
    if (text.starts_with(unix_prefix)) return unix_endpoint(text.substr(unix_prefix.size()));
    Scanner in(text);
    const bool dual = in.present("*");
    const bool bracketed = in.present("[");
    const std::string host(in.take_while([=](char c) { return c != (bracketed ? ']' : ':'); }));
    if (bracketed) in.expect("]");
    in.expect(":");
    const auto port = in.number<std::uint16_t>();
    if (in.complete()) {
        auto parsed = dual ? ipv6("::", port) : bracketed ? ipv6(host, port) : ipv4(host, port);
        if (parsed && (!dual || host.empty())) {
            parsed->dual_ = dual;
            return *parsed;
        }
    }
    return fail(Error::Kind::invalid,
                "'{}' is no address to listen on: write 127.0.0.1:25, [::1]:25, *:25 or unix:/path", text);
}

Result<std::vector<Endpoint>> Endpoint::resolve(const std::string& host, std::uint16_t port) {
    if (host == "*") return std::vector{*parse(fmt::format("*:{}", port))};
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0)
        return fail(Error::Kind::not_found, "cannot find the address of {}: {}", host, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
    std::vector<Endpoint> endpoints;
    for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
        sockaddr_storage storage{};
        std::memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
        set_port(storage, port);
        endpoints.push_back(from(storage, entry->ai_addrlen));
    }
    return endpoints;
}

Endpoint Endpoint::unspecified_ipv4(std::uint16_t port) { return *ipv4("0.0.0.0", port); }

Endpoint Endpoint::at(const dns::IpAddress& address, std::uint16_t port) {
    const auto text = address.to_string();
    return address.is_ipv6() ? *ipv6(text, port) : *ipv4(text, port);
}

Endpoint Endpoint::from(const sockaddr_storage& storage, socklen_t size) {
    Endpoint endpoint;
    endpoint.size_ = std::min(size, socklen_t{sizeof storage});
    if (endpoint.size_ <= endpoint.small_.size())
        std::memcpy(endpoint.small_.data(), &storage, endpoint.size_);
    else
        endpoint.large_ = std::make_shared<const sockaddr_storage>(storage);
    return endpoint;
}

Endpoint Endpoint::local_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) size = 0;
    return from(storage, size);
}

Endpoint Endpoint::peer_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) size = 0;
    return from(storage, size);
}

std::uint16_t Endpoint::port() const {
    if (family() == AF_INET) return ntohs(as_ipv4(data()).sin_port);
    if (family() == AF_INET6) return ntohs(as_ipv6(data()).sin6_port);
    return 0;
}

std::string Endpoint::unix_path() const {
    if (!is_unix() || size_ <= offsetof(sockaddr_un, sun_path)) return {};
    const auto room = size_ - offsetof(sockaddr_un, sun_path);
    return {as_unix(data()).sun_path, ::strnlen(as_unix(data()).sun_path, room)};
}

std::string Endpoint::address() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family() == AF_INET) {
        ::inet_ntop(AF_INET, &as_ipv4(data()).sin_addr, text.data(), text.size());
    } else if (family() == AF_INET6) {
        const auto& bytes = as_ipv6(data()).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&bytes) != 0)
            ::inet_ntop(AF_INET, bytes.s6_addr + 12, text.data(), text.size());
        else
            ::inet_ntop(AF_INET6, &bytes, text.data(), text.size());
    } else {
        return "local";
    }
    return text.data();
}

std::string Endpoint::site() const {
    if (family() != AF_INET6 || IN6_IS_ADDR_V4MAPPED(&as_ipv6(data()).sin6_addr) != 0) return address();
    auto network = *this;
    auto& bytes = reinterpret_cast<sockaddr_in6*>(network.small_.data())->sin6_addr.s6_addr;
    std::fill(bytes + 8, bytes + 16, 0);
    return network.address() + "/64";
}

std::string Endpoint::to_string() const {
    if (is_unix()) return fmt::format("{}{}", unix_prefix, unix_path());
    if (dual_) return fmt::format("*:{}", port());
    const auto host = address();
    if (host.contains(':')) return fmt::format("[{}]:{}", host, port());
    return fmt::format("{}:{}", host, port());
}

}  // namespace hongyan::net
