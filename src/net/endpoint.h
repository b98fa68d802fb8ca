// Where a listener listens and where a peer is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/result.h"
#include "dns/ip_address.h"

namespace hongyan::net {

// A socket address: IPv4, IPv6 or the path of a unix socket.
class Endpoint {
public:
    // "127.0.0.1:25", "[::1]:25", "*:25" (all IPv6 and IPv4 addresses), "unix:/run/hongyan/lmtp". Numbers, no
    // names: a server that cannot resolve its own name should start all the same.
    static Result<Endpoint> parse(std::string_view text);
    // All addresses of a host name, "*" or an address without brackets; asks the resolver of the machine and
    // may block.
    static Result<std::vector<Endpoint>> resolve(const std::string& host, std::uint16_t port);
    static Endpoint unspecified_ipv4(std::uint16_t port);
    static Endpoint local_of(int socket);
    static Endpoint peer_of(int socket);
    static Endpoint at(const dns::IpAddress& address, std::uint16_t port);
    static Endpoint from(const sockaddr_storage& storage, socklen_t size);

    int family() const { return data()->sa_family; }
    bool is_unix() const { return family() == AF_UNIX; }
    // "*": one IPv6 socket that takes IPv4 too.
    bool is_dual() const { return dual_; }
    std::uint16_t port() const;
    std::string unix_path() const;
    // The address without its port, as connections are counted: an IPv6 client owns a /64, so the rest is
    // dropped, and IPv4 mapped into IPv6 counts as IPv4.
    std::string site() const;
    // The address alone, as trace fields and logs show it.
    std::string address() const;
    std::string to_string() const;

    const sockaddr* data() const {
        return large_ ? reinterpret_cast<const sockaddr*>(large_.get())
                      : reinterpret_cast<const sockaddr*>(small_.data());
    }
    socklen_t size() const { return size_; }

    friend bool operator==(const Endpoint& a, const Endpoint& b) { return a.to_string() == b.to_string(); }

private:
    // Each connection keeps its peer, and a path has room for more than a hundred bytes.
    std::shared_ptr<const sockaddr_storage> large_;
    alignas(sockaddr_in6) std::array<std::byte, sizeof(sockaddr_in6)> small_{};  // all others
    socklen_t size_ = 0;
    bool dual_ = false;
};

}  // namespace hongyan::net
