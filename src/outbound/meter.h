// How many messages a destination takes in a minute.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hongyan::outbound {

// Lets a tenth of a minute's messages through at once, and then one for each share of the minute that has
// passed (the generic cell rate algorithm of ITU-T I.371).
class Meter {
public:
    using Time = std::chrono::steady_clock::time_point;

    // 0: all pass.
    explicit Meter(std::uint64_t per_minute)
        : per_minute_(per_minute),
          share_(per_minute == 0 ? Share(0)
                                 : std::chrono::duration_cast<Share>(std::chrono::minutes(1)) /
                                       static_cast<std::int64_t>(per_minute)),
          ahead_(share_ * static_cast<std::int64_t>(per_minute / 10)) {}

    std::uint64_t per_minute() const { return per_minute_; }
    // When the next may pass: now or earlier if it may.
    Time next() const { return due_ - ahead_; }
    bool allows(Time now) const { return share_.count() == 0 || next() <= now; }
    void count(Time now) { due_ = std::max(due_, now) + share_; }

private:
    using Share = std::chrono::nanoseconds;
    std::uint64_t per_minute_;
    Share share_;  // of a minute, for each message
    Share ahead_;
    Time due_{};
};

}  // namespace hongyan::outbound
