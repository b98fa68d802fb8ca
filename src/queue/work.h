// What a delivery engine asks of the queue and tells it: values only.
#pragma once

#include "queue/due.h"
#include "queue/history.h"
#include "queue/holds.h"
#include "queue/records.h"

namespace hongyan::queue {

// How long a node is taken to be alive after it has said so (Queue::stay).
inline constexpr std::chrono::milliseconds sign_of_life = std::chrono::minutes(10);
// Longer than any attempt lasts, and than any message waits in memory for its turn: a lease ends sooner with
// its node.
inline constexpr std::chrono::milliseconds longest_lease = std::chrono::hours(24);

// What became of the attempt at one recipient.
struct Outcome {
    Attemptable who = {};
    std::uint64_t token = 0;  // of the lease
    // waiting: it is tried again at next_attempt.
    RecipientState state = RecipientState::waiting;
    Instant next_attempt = {};
    // No: it is given back as it was, because nobody was asked; no attempt is counted or told of.
    bool tried = true;
    bool suppress = false;       // the address does not exist: the account sends nothing to it any more
    bool delay_told = false;     // the sender is told with this that it takes longer
    bool deadline_told = false;  // or that his deadline has passed
    Attempt attempt = {};
};

// Dues that are leased, under one token. Filled in when the part is durable.
struct Taken {
    Lease lease;
    std::vector<Due> dues;
    Hold hold = {};  // stays with whoever attempts them: as long as it is there, this node does not free them
};

// Leases that have ended without an outcome: as if nothing had been tried.
struct Freed {
    std::size_t count = 0;
    // That cannot be read, or whose message or recipient cannot: they stay. At the beginning also messages
    // that could not be put into order.
    std::size_t damaged = 0;
};

// What waking those whose time has come gave. Filled in when the part is durable.
struct Woken {
    std::size_t count = 0;
    std::size_t damaged = 0;                // keys that cannot be read, and are passed over
    std::vector<std::string> destinations;  // where they go, each once
    std::optional<Instant> next;  // when the next one is due; now, if there are more; none sleeps: none
};

// A part of a commit, and what it finds out.
template <typename Found>
struct Asking {
    engine::Part part;
    std::shared_ptr<Found> found;
};

// Where to go on among the lanes of a destination.
struct Turn {
    std::string after = {};     // the lane that had the last turn; empty: from the first
    std::size_t per_lane = 10;  // of a lane before the next lane; more where there is room
    std::size_t limit = 100;
    // So many recipients of one entry stay together, at most, even beyond both: they are one transaction.
    std::size_t together = 1;
};
struct ReadyPage {
    std::vector<Due> dues;
    std::string last_lane;    // for the next Turn
    std::size_t damaged = 0;  // keys that cannot be read, and are passed over
};

}  // namespace hongyan::queue
