// Tasks on a loop of their own, and sockets that are connected to each other, for tests.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <sys/socket.h>

#include "base/check.h"
#include "net/endpoint.h"
#include "net/socket_stream.h"

namespace hongyan::net {

using namespace std::chrono_literals;

inline constexpr auto patience = 10s;  // longer than any machine needs; no test waits that long

// Runs the task on a loop of its own and gives what it returned.
template <typename Value>
Value run(Task<Value> task) {
    asio::io_context context(1);
    std::optional<Value> value;
    std::exception_ptr broken;
    asio::co_spawn(context.get_executor(), std::move(task), [&](std::exception_ptr error, Value result) {
        broken = error;
        value = std::move(result);
    });
    context.run();
    if (broken) std::rethrow_exception(broken);
    return std::move(*value);
}

inline std::pair<Descriptor, Descriptor> socket_pair() {
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a socket pair can be had");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// Has a port of loopback that nobody else is given while it lives, and nobody listens there yet.
inline Descriptor bound_socket() {
    Descriptor bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto any = Endpoint::parse("127.0.0.1:0").value();
    check(::bind(bound.number(), any.data(), any.size()) == 0, "a port can be had");
    return bound;
}

struct Read {
    Incoming::Kind kind;
    std::string bytes;
    friend bool operator==(const Read&, const Read&) = default;
};

inline Task<Read> read_once(Stream& stream, Deadline deadline) {
    const auto incoming = co_await stream.read(deadline);
    co_return Read{incoming.kind, std::string(incoming.bytes)};
}

inline Task<Read> read_from(Descriptor socket, Deadline deadline) {
    SocketStream stream(co_await asio::this_coro::executor, std::move(socket));
    co_return co_await read_once(stream, deadline);
}

}  // namespace hongyan::net
