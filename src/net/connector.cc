#include "net/connector.h"

#include <cerrno>

#include <boost/asio/this_coro.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace hongyan::net {

namespace {

std::unexpected<Error> not_connected(const Endpoint& peer, std::string_view why) {
    return fail(Error::Kind::unavailable, "cannot connect to {}: {}", peer.to_string(), why);
}

std::unexpected<Error> not_connected(const Endpoint& peer, int number) {
    return not_connected(peer, std::generic_category().message(number));
}

const std::optional<dns::IpAddress>& source_for(const Endpoint& peer, const Sources& sources) {
    static const std::optional<dns::IpAddress> none;
    if (peer.family() == AF_INET) return sources.ipv4;
    return peer.family() == AF_INET6 ? sources.ipv6 : none;
}

Result<Descriptor> socket_for(const Endpoint& peer, const Sources& sources) {
    Descriptor socket(::socket(peer.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return not_connected(peer, errno);
    constexpr int on = 1;
    if (!peer.is_unix()) ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (const auto& source = source_for(peer, sources)) {
        const auto local = Endpoint::at(*source, 0);
        // The port is chosen at connect(): many connections from one address may then share one (ip(7)).
        ::setsockopt(socket.number(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        if (::bind(socket.number(), local.data(), local.size()) != 0)
            return not_connected(peer, fmt::format("the source {} cannot be used: {}", source->to_string(),
                                                   std::generic_category().message(errno)));
    }
    return socket;
}

int failure_of(int socket) {
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size) != 0) return errno;
    return number;
}

}  // namespace

Task<Result<Connected>> connect(Endpoint peer, Sources sources, Deadline deadline) {
    auto socket = socket_for(peer, sources);
    if (!socket) co_return std::unexpected(std::move(socket).error());
    Waiter waiter(co_await asio::this_coro::executor, *std::move(socket));
    const int descriptor = waiter.descriptor();
    if (::connect(descriptor, peer.data(), peer.size()) != 0) {
        if (errno != EINPROGRESS) co_return not_connected(peer, errno);
        const auto readiness = co_await waiter.wait(Direction::write, deadline);
        if (readiness != Readiness::ready) co_return not_connected(peer, "no answer in time");
        if (const int number = failure_of(descriptor); number != 0) co_return not_connected(peer, number);
    }
    auto local = Endpoint::local_of(descriptor);
    co_return Connected{std::make_unique<SocketStream>(std::move(waiter)), peer, std::move(local)};
}

Task<Result<Connected>> connect_to_first(std::vector<Endpoint> peers, Sources sources,
                                         std::chrono::milliseconds patience_each, Deadline deadline) {
    std::string reasons;
    for (const auto& peer : peers) {
        if (std::chrono::steady_clock::now() >= deadline) break;
        const auto until = std::min(deadline, after(patience_each));
        auto connected = co_await connect(peer, sources, until);
        if (connected) co_return std::move(connected);
        reasons += (reasons.empty() ? "" : "; ") + connected.error().message;
    }
    co_return fail(Error::Kind::unavailable, "{}",
                   reasons.empty() ? "there was no time to connect" : reasons);
}

}  // namespace hongyan::net
