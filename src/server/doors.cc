#include "server/doors.h"

namespace hongyan::server {

namespace {

// A name such as localhost may have addresses that this machine has not; one that can be bound is enough.
Result<std::vector<net::BoundSocket>> bind_any(const std::vector<net::Endpoint>& endpoints) {
    std::vector<net::BoundSocket> sockets;
    std::optional<Error> failure;
    for (const auto& endpoint : endpoints) {
        auto bound = net::BoundSocket::bind(endpoint);
        if (bound)
            sockets.push_back(*std::move(bound));
        else if (!failure || bound.error().kind == Error::Kind::conflict)
            failure = std::move(bound).error();
    }
    if (failure && (sockets.empty() || failure->kind == Error::Kind::conflict))
        return std::unexpected(*std::move(failure));
    return sockets;
}

Result<std::vector<net::BoundSocket>> bind_address(const config::ListenAddress& address) {
    if (!address.path.empty()) {
        TRY(const auto endpoint, net::Endpoint::parse("unix:" + address.path));
        return bind_any({endpoint});
    }
    TRY(const auto endpoints, net::Endpoint::resolve(address.host, address.port));
    auto bound = bind_any(endpoints);
    const bool no_ipv6 = !bound && bound.error().kind == Error::Kind::io && address.host == "*";
    if (no_ipv6) return bind_any({net::Endpoint::unspecified_ipv4(address.port)});
    return bound;
}

// The sockets from systemd that carry the service's name (FileDescriptorName=).
std::optional<Result<Door>> adopt(const Service& service, std::vector<net::InheritedSocket>& inherited) {
    Door door{.service = &service, .address = {}, .sockets = {}};
    for (auto& socket : inherited) {
        if (socket.name != service.name || !socket.descriptor) continue;
        auto adopted = net::BoundSocket::adopt(std::move(socket.descriptor));
        if (!adopted) return fail(std::move(adopted).error(), service.name);
        door.sockets.push_back(*std::move(adopted));
    }
    if (door.sockets.empty()) return std::nullopt;
    return door;
}

}  // namespace

Bound bind_doors(const config::Listen& listen, std::vector<net::InheritedSocket>& inherited,
                 const std::function<bool(const Service&, const config::ListenAddress&)>& already) {
    Bound bound;
    const auto keep = [&](Result<Door> door) {
        if (door)
            bound.doors.push_back(*std::move(door));
        else
            bound.failures.push_back(std::move(door).error());
    };
    for (const auto& service : services()) {
        if (auto door = adopt(service, inherited)) {
            keep(*std::move(door));
            continue;
        }
        for (const auto& address : listen.*service.addresses) {
            if (already(service, address)) continue;
            auto sockets = bind_address(address);
            if (sockets)
                keep(Door{&service, address, *std::move(sockets)});
            else
                keep(fail(std::move(sockets).error(), fmt::format("{}", service.name)));
        }
    }
    return bound;
}

}  // namespace hongyan::server
