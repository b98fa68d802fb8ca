// Sockets that wait for connections.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "net/endpoint.h"
#include "net/loops.h"
#include "net/waiter.h"

namespace hongyan::net {

// A socket that somebody else has bound for us (systemd.socket(5), sd_listen_fds(3)).
struct InheritedSocket {
    std::string name;  // FileDescriptorName=, or "unknown"
    Descriptor descriptor;
};

// Those that LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES speak of, which are removed from the environment. Call
// it once, before threads begin.
std::vector<InheritedSocket> inherited_sockets();

// A bound socket that listens; nothing is accepted yet, so it may be made before privileges are dropped.
class BoundSocket {
public:
    // Refuses an address that another process serves. The file of a dead unix socket is replaced.
    static Result<BoundSocket> bind(const Endpoint& endpoint);
    // An inherited one, if it is a stream socket that listens.
    static Result<BoundSocket> adopt(Descriptor descriptor);

    // The actual address: a port 0 has become a number.
    const Endpoint& endpoint() const { return endpoint_; }
    int descriptor() const { return descriptor_.number(); }
    Descriptor release() && { return std::move(descriptor_); }

private:
    BoundSocket(Descriptor descriptor, Endpoint endpoint)
        : descriptor_(std::move(descriptor)), endpoint_(std::move(endpoint)) {}
    Descriptor descriptor_;
    Endpoint endpoint_;
};

struct Connection {
    Descriptor socket;
    Endpoint peer;
};

// Accepts on one loop and hands every connection to `take`, on that loop's thread. It does not use
// SO_REUSEPORT: with it a second server could bind the same port in silence, and connections that wait at one
// closed socket are lost.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    using Take = std::function<void(Connection)>;
    using Complain = std::function<void(const Error&)>;

    // `complain` hears of what keeps it from accepting (too many open files); it then tries again a little
    // later.
    static std::shared_ptr<Listener> start(Loop& loop, BoundSocket socket, Take take, Complain complain);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Accepts no more and closes the socket. From any thread; takes effect on the loop's thread soon.
    void stop();

private:
    Listener(Loop& loop, BoundSocket socket, Take take, Complain complain);
    Task<> run();
    Result<std::size_t> accept_waiting();

    Loop& loop_;
    std::optional<Waiter> waiter_;
    Take take_;
    Complain complain_;
    bool stopped_ = false;
};

}  // namespace hongyan::net
