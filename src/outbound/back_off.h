// When a destination that is there and takes nothing is left alone for a while.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>

#include "smtp_client/report.h"

namespace hongyan::outbound {

// Counts what is put off, from one sign of life to the next: a message that was taken, or refused for good.
// Whoever puts off everything is soon asked with one message at a time, and rests in between, longer each
// time. A host that puts off single recipients may do so for their sakes (greylisting asks everyone to come
// twice), so of those it takes many.
class BackOff {
public:
    // Of a sender, or of all he sends, a fifth of that which is borne.
    static constexpr std::size_t by_host = 10;
    static constexpr std::size_t by_recipient = 1;
    static constexpr std::size_t most = 50;
    static constexpr std::size_t most_when_probing = 10;
    static constexpr std::chrono::milliseconds longest = std::chrono::hours(1);

    // One message's outcomes.
    void heard(std::span<const smtp_client::Outcome> outcomes);

    bool is_spent() const { return points_ >= (is_probing() ? most_when_probing : most); }
    // It has rested at least once, and there was no sign of life since.
    bool is_probing() const { return rests_ > 0; }
    // It rests now: for how long.
    std::chrono::milliseconds rest(std::chrono::milliseconds shortest);

private:
    std::size_t points_ = 0;
    unsigned rests_ = 0;
};

// What a host has said of itself, or of the sender, rather than of the recipient; or it has said nothing
// because the connection broke. Another host of the same destination may do better (RFC 5321 §5.1). Not where
// it is uncertain whether it has the message.
bool is_about_host(const smtp_client::Outcome& outcome);

}  // namespace hongyan::outbound
