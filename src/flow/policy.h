// What a server permits; part of its settings.
#pragma once

#include <chrono>
#include <string>

#include "config/config.h"
#include "dsn/texts.h"
#include "smtp/envelope.h"

namespace hongyan::flow {

// Of notifications that we write (RFC 3464).
struct Bounces {
    std::string from = {};  // the address they come from; empty: postmaster of the host
    dsn::Language language = dsn::Language::english;  // for whoever has chosen none
    std::uint64_t returned_size = 0;                  // bytes of a message that is returned whole
};

struct Policy {
    std::string hostname;             // in trace fields
    config::Networks relay_networks;  // may send anywhere without a log-in
    bool sender_must_be_own = true;   // after a log-in
    Bounces bounces = {};
    bool suppresses = true;        // addresses that do not exist, for the account that wrote to them
    bool rewrites_senders = true;  // of what aliases pass on to elsewhere (SRS)
    bool queue_is_worked = true;   // so that what waits there is delivered, here too
    // For memory, while the client waits: less than it waits for an answer to DATA (RFC 5321 §4.5.3.2.4).
    std::chrono::milliseconds room_patience{std::chrono::minutes(1)};
    // For all judges of a message: clients wait ten minutes for the answer to one (RFC 5321 §4.5.3.2.6).
    std::chrono::milliseconds judges_patience{std::chrono::minutes(9)};
};

// May this client send to domains that are not ours? (RFC 5321 §7.1: who may not is refused, or we would be
// everybody's relay.)
bool may_relay(const Policy& policy, const smtp::Client& client);

}  // namespace hongyan::flow
