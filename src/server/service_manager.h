// What systemd is told of us (sd_notify(3)): a few words in a datagram, so no library is needed.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace hongyan::server {

// Belongs to the main thread.
class ServiceManager {
public:
    // Of the process: its socket is named by NOTIFY_SOCKET, which is removed from the environment so that no
    // child speaks for us. Call it once, before threads begin.
    static ServiceManager of_environment();
    // `socket` is a path, or "@" and an abstract name; empty: nobody wants to know, and nothing is sent.
    explicit ServiceManager(std::string socket) : socket_(std::move(socket)) {}

    // Sessions are taken: Type=notify waits for this, and so does a reload.
    Result<void> ready(std::string_view status) const;
    // SIGHUP has come; ready() follows. Type=notify-reload wants the time as well.
    Result<void> reloading() const;
    // SIGTERM has come: the drain is no failure to stop.
    Result<void> stopping() const;

private:
    Result<void> tell(std::string_view state) const;
    std::string socket_;
};

}  // namespace hongyan::server
