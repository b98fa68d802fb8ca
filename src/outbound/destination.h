// A domain that mail goes to, as far as somebody works for it now.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "net/stream.h"
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

    // Nobody could be reached: until then whoever asks hears the same.
    struct Rest {
        net::Deadline until;
        smtp_client::Outcome why;
        Circumstances where;
    };

    std::string name;
    tls_policy::SenderWish wish = tls_policy::SenderWish::none;
    Pace pace;
    std::deque<Parcel> parcels;   // leased, and nobody carries them yet
    std::size_t couriers = 0;     // at work
    std::set<net::Stream*> idle;  // connections that wait for one more message
    std::string last_lane;        // that had a turn
    bool is_full = false;         // and whoever hands over knows
    bool has_asked = false;       // for more parcels, and nobody has looked yet
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
