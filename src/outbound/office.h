// What couriers ask of whoever sends them out.
#pragma once

#include <memory>
#include <optional>

#include "flow/world.h"
#include "outbound/destination.h"
#include "outbound/way.h"

namespace hongyan::outbound {

// On one thread, as the couriers.
class Office {
public:
    virtual ~Office() = default;

    virtual const flow::World& world() const = 0;
    // Valid until the courier waits for something.
    virtual const Settings& settings() const = 0;
    virtual Guides guides() = 0;
    virtual const net::TlsClientContext& tls() const = 0;
    virtual TlsCounts& counts() = 0;
    virtual bool is_closing() const = 0;

    // What is to be carried next. Nothing: there is none now.
    virtual std::optional<Load> next(Destination& destination) = 0;
    // What became of each recipient of the load, in the order of its entry. Goes on by itself.
    virtual void settle(Load load, std::vector<smtp_client::Outcome> outcomes,
                        const Circumstances& where) = 0;
    // No host of the destination could be reached, and nobody else is there.
    virtual void close_down(Destination& destination, const smtp_client::Outcome& why,
                            const Circumstances& where) = 0;
};

}  // namespace hongyan::outbound
