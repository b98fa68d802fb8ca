// Which snapshots of a scope see the same.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "engine/engine.h"

namespace hongyan::engine {

// Counts for each scope how often it was written: odd while that is going on, or while nobody knows what came
// of it. So whoever finds the same even number before and after taking a snapshot, and found it with another
// snapshot, has two that see the same. Scopes share counters; that only makes them differ more often.
//
// Counted by the committer's thread, read by any.
class ScopeVersions {
public:
    // What begins here is ended by the next all_known().
    void writing(const Scope& scope) {
        if (under_way_.insert(place_of(scope)).second) ++counters_[place_of(scope)];
    }
    void all_known() {
        for (const auto place : under_way_) ++counters_[place];
        under_way_.clear();
    }

    std::uint64_t count(const Scope& scope) const { return counters_[place_of(scope)]; }
    static bool is_known(std::uint64_t count) { return count % 2 == 0; }

private:
    static constexpr std::size_t places = 4'096;
    static std::size_t place_of(const Scope& scope) {
        return std::hash<std::string>{}(scope.prefix()) % places;
    }

    std::array<std::atomic<std::uint64_t>, places> counters_{};
    std::set<std::size_t> under_way_;
};

}  // namespace hongyan::engine
