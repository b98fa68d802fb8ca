// Where mail goes, as far as somebody works for it now: a domain, or the next hop of a route.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "config/route.h"
#include "net/stream.h"
#include "outbound/back_off.h"
#include "outbound/limits.h"
#include "outbound/meter.h"
#include "outbound/pace.h"
#include "outbound/parcel.h"
#include "outbound/verdict.h"
#include "tls_policy/decide.h"

namespace hongyan::outbound {

// How much a place bears, connections and messages in a minute: for all wishes of senders together.
struct Bearing {
    explicit Bearing(const Limit& limit) : pace(limit.connections), meter(limit.messages) {}

    // The settings have changed.
    void apply(const Limit& limit) {
        pace.limit(limit.connections);
        if (meter.per_minute() != limit.messages) meter = Meter(limit.messages);
    }

    Pace pace;
    Meter meter;
    std::size_t couriers = 0;  // at work
    // Somebody has no connection while others have all that there may be: the next that ends is for him.
    std::optional<tls_policy::SenderWish> in_want = {};
};

// What senders wished of TLS (RFC 8689) decides which hosts a connection may lead to, so messages of
// different wishes have connections of their own.
struct Destination {
    Destination(std::string called, tls_policy::SenderWish wished, std::shared_ptr<Bearing> shared)
        : name(std::move(called)), wish(wished), bearing(std::move(shared)) {}

    // Whoever goes there, from whatever domain, goes over the same connections.
    Destination(const config::NextHop& next, std::size_t most_connections)
        : name(next.text),
          hop(next),
          bearing(std::make_shared<Bearing>(
              Limit{.connections = next.connections != 0 ? next.connections : most_connections,
                    .messages = next.messages})) {}

    // Nobody could be reached, or everything is put off: until then whoever asks hears the same.
    struct Rest {
        net::Deadline until;
        smtp_client::Outcome why;
        Circumstances where;
    };

    std::string name;
    tls_policy::SenderWish wish = tls_policy::SenderWish::none;
    std::optional<config::NextHop> hop;  // nothing: the hosts of the domain
    std::shared_ptr<Bearing> bearing;
    BackOff back_off;
    std::deque<Parcel> parcels;   // leased, and nobody carries them yet
    std::size_t couriers = 0;     // at work
    std::set<net::Stream*> idle;  // connections that wait for one more message
    bool is_full = false;         // and whoever hands over knows
    bool has_asked = false;       // for more parcels, and nobody has looked yet
    std::size_t coming = 0;       // recipients that are about to be leased for it
    std::optional<Rest> rest;
    bool is_dropping = false;                 // somebody tells those who wait
    std::optional<net::Deadline> remembered;  // till then it is not forgotten that it had to rest

    bool is_resting() const { return rest && std::chrono::steady_clock::now() < rest->until; }
    // How many connections there may be. Who puts off everything gets one message at a time.
    std::size_t connections() const { return back_off.is_probing() ? 1 : bearing->pace.connections(); }
    // A connection is to end when it has had its turn, since somebody else waits for one.
    bool must_yield() const { return bearing->in_want && *bearing->in_want != wish; }

    // How many parcels it is given at most: so few that slow destinations cannot fill the memory, so many
    // that its connections never wait for the next.
    std::size_t window() const { return 10 * bearing->pace.connections(); }
    // Of all parcels.
    std::size_t recipients() const {
        std::size_t count = 0;
        for (const auto& parcel : parcels) count += parcel.recipients.size();
        return count;
    }
    bool is_deserted() const { return parcels.empty() && couriers == 0 && !rest && !remembered && !is_full; }
};

}  // namespace hongyan::outbound
