// How many connections a destination bears.
#pragma once

#include <algorithm>
#include <cstddef>

namespace hongyan::outbound {

// Begins with a few, grows by one for each full round of successes, and halves when the destination defends
// itself: the way in which TCP finds its rate, and for the same reason.
class Pace {
public:
    static constexpr std::size_t at_first = 3;

    explicit Pace(std::size_t most)
        : most_(std::max<std::size_t>(most, 1)), now_(std::min(at_first, most_)) {}

    std::size_t connections() const { return now_; }
    // The settings have changed.
    void limit(std::size_t most) {
        most_ = std::max<std::size_t>(most, 1);
        now_ = std::min(now_, most_);
    }

    // A message was taken.
    void succeeded() {
        deferrals_ = 0;
        if (++successes_ < now_ || now_ == most_) return;
        successes_ = 0;
        ++now_;
    }
    // A message was put off: a full round of those costs what a round of successes has gained.
    void put_off() {
        successes_ = 0;
        if (++deferrals_ < now_ || now_ == 1) return;
        deferrals_ = 0;
        --now_;
    }
    // A connection was refused or broken, or told to come later.
    void failed() {
        successes_ = 0;
        now_ = std::max<std::size_t>(1, now_ / 2);
    }

private:
    std::size_t most_;
    std::size_t now_;
    std::size_t successes_ = 0;
    std::size_t deferrals_ = 0;
};

}  // namespace hongyan::outbound
