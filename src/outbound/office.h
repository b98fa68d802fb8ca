// What couriers ask of whoever sends them out.
#pragma once

#include <memory>
#include <optional>

#include "flow/world.h"
#include "outbound/destination.h"
#include "outbound/itinerary.h"
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

    // Who has failed of late.
    virtual HostRests& rests() = 0;

    // What is to be carried next, read from the disk. Nothing: there is none now. Destination and office
    // outlive it.
    virtual net::Task<std::optional<Load>> next(Destination& destination) = 0;
    // What became of each recipient of the load, in the order of its entry. Goes on by itself.
    virtual void settle(Load load, std::vector<smtp_client::Outcome> outcomes,
                        const Circumstances& where) = 0;
    // No host of the destination could be reached, and nobody else is there; or it puts off everything: it
    // rests for so long.
    virtual void close_down(const std::shared_ptr<Destination>& destination, const smtp_client::Outcome& why,
                            const Circumstances& where, std::chrono::milliseconds time) = 0;
};

}  // namespace hongyan::outbound
