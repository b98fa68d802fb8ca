// Where mail goes, as far as somebody works for it now: a domain, or the next hop of a route.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "config/route.h"
#include "net/stream.h"
#include "outbound/meter.h"
#include "outbound/pace.h"
#include "outbound/parcel.h"
#include "outbound/verdict.h"
#include "tls_policy/decide.h"

namespace hongyan::outbound {

// What senders wished of TLS (RFC 8689) decides which hosts a connection may lead to, so messages of
// different wishes have connections of their own.
struct Destination {
    Destination(std::string called, tls_policy::SenderWish wished, std::size_t most_connections)
        : name(std::move(called)), wish(wished), pace(most_connections) {}

    // Whoever goes there, from whatever domain, goes over the same connections.
    Destination(const config::NextHop& next, std::size_t most_connections)
        : name(next.text),
          hop(next),
          pace(next.connections != 0 ? next.connections : most_connections),
          meter(next.messages) {}

    // Nobody could be reached: until then whoever asks hears the same.
    struct Rest {
        net::Deadline until;
        smtp_client::Outcome why;
        Circumstances where;
    };

    std::string name;
    tls_policy::SenderWish wish = tls_policy::SenderWish::none;
    std::optional<config::NextHop> hop;  // nothing: the hosts of the domain
    Pace pace;
    Meter meter{0};
    std::deque<Parcel> parcels;   // leased, and nobody carries them yet
    std::size_t couriers = 0;     // at work
    std::set<net::Stream*> idle;  // connections that wait for one more message
    bool is_full = false;         // and whoever hands over knows
    bool has_asked = false;       // for more parcels, and nobody has looked yet
    std::size_t coming = 0;       // recipients that are about to be leased for it
    std::optional<Rest> rest;

    // How many parcels it is given at most: so few that slow destinations cannot fill the memory, so many
    // that its connections never wait for the next.
    std::size_t window() const { return 10 * pace.connections(); }
    // Of all parcels.
    std::size_t recipients() const {
        std::size_t count = 0;
        for (const auto& parcel : parcels) count += parcel.recipients.size();
        return count;
    }
    bool is_deserted() const { return parcels.empty() && couriers == 0 && !rest && !is_full; }
};

}  // namespace hongyan::outbound
