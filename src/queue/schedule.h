// When an attempt is made again, and when nobody tries any more. Pure: clock and randomness are given.
#pragma once

#include "base/random.h"
#include "queue/entry.h"

namespace hongyan::queue {

// RFC 5321 §4.5.4.1 asks for 30 minutes between attempts at least after the first few, and for 4 to 5 days.
struct Schedule {
    // After the first attempt that was put off, after the second, …; the last stands for all further ones.
    std::vector<std::chrono::milliseconds> delays;
    std::chrono::milliseconds lifetime{};               // of a message
    std::chrono::milliseconds notification_lifetime{};  // of what has no sender: bounces
    std::chrono::milliseconds delay_warning{};          // after which the sender is told; 0: never
};

// When the recipient is given up: counted from the arrival, or from when the message might first be sent
// (RFC 4865 §4); not later than a deadline at which it is to be sent back (RFC 2852 §4.1.4).
Instant expiry_of(const Schedule& schedule, const Entry& entry, const Recipient& recipient);

// When to try again after an attempt at `now` that was put off; `attempts` were made, this one included.
// Nothing: it has expired. Between 0.9 and 1.1 of the delay, so that those who failed together do not all
// come back together; the last attempt is made at the expiry.
std::optional<Instant> next_attempt(const Schedule& schedule, std::uint32_t attempts, Instant now,
                                    Instant expiry, Random& random);

// Whether the sender is to be told now that it takes longer: once, if he did not forbid it (RFC 3461 §4.1).
bool is_delay_to_be_told(const Schedule& schedule, const Entry& entry, const Recipient& recipient,
                         Instant now);
// Whether he is to be told now that the deadline which he named for that has passed: once, whatever he has
// heard of delays before (RFC 2852 §4.1.3).
bool is_deadline_to_be_told(const Entry& entry, const Recipient& recipient, Instant now);

}  // namespace hongyan::queue
