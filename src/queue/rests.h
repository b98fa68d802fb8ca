// Destinations that are left alone for a while, as whoever sends says: for people who ask why nothing goes
// there.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace hongyan::queue {

struct Rest {
    std::string destination;
    std::string host;  // that was called last; empty: none could be
    Instant since{}, until{};
    std::string why;
};

// In memory only: after a restart everybody is asked again. May be used from any thread.
class Rests {
public:
    // In place of what was said of the destination before.
    void put(Rest rest);
    void clear();
    // Those that rest then, by name.
    std::vector<Rest> at(Instant now) const;

private:
    mutable std::mutex mutex_;  // guards:
    std::map<std::string, Rest, std::less<>> by_destination_;
};

}  // namespace hongyan::queue
