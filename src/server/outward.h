// The part of the server that sends: connections outward, and who decides what is sent when.
#pragma once

#include <memory>

#include "outbound/dispatcher.h"
#include "server/house.h"
#include "server/mail.h"

namespace hongyan::server {

// Made when the store is open, ended before it is closed. Has a thread of its own.
class Outward {
public:
    // The errors are those of what the settings name: a file of authorities. The resolver outlives it.
    static Result<std::unique_ptr<Outward>> make(const Mail& mail, net::Resolver& resolver,
                                                 const Rules& rules);
    ~Outward();
    Outward(const Outward&) = delete;
    Outward& operator=(const Outward&) = delete;

    void apply(const Rules& rules);
    // Ends transactions that have begun within the drain time, and then the thread. Tasks stay until the end
    // of this, and so may be given what they wait for: by workers and by the engine, who must have done with
    // them before.
    void stop();

private:
    Outward();

    net::Loops loops_;  // first: what is below belongs to it
    std::chrono::milliseconds drain_time_{};
    bool stopped_ = false;
    std::unique_ptr<net::TlsClientContext> tls_;
    std::unique_ptr<outbound::Dispatcher> dispatcher_;
};

// The settings of sending as the configuration has them.
outbound::Settings outbound_settings(const Rules& rules);

}  // namespace hongyan::server
