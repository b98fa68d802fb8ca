// Which judges sit.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "spam/judge.h"

namespace hongyan::spam {

// In the order in which they are asked.
using Judges = std::vector<std::shared_ptr<Judge>>;

// New settings seat others; sessions that have begun keep those they began with. May be used from any thread.
class Panel {
public:
    void seat(Judges judges) {
        auto seated = judges.empty() ? nullptr : std::make_shared<const Judges>(std::move(judges));
        const std::lock_guard lock(mutex_);
        seated_.swap(seated);
    }
    // Null: nobody sits.
    std::shared_ptr<const Judges> seated() const {
        const std::lock_guard lock(mutex_);
        return seated_;
    }

private:
    mutable std::mutex mutex_;  // guards:
    std::shared_ptr<const Judges> seated_;
};

}  // namespace hongyan::spam
