// How often somebody did something of late.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace hongyan::reputation {

// `most` within `time`: a full bucket of that many is empty again after so long.
struct Rate {
    double most = 0;
    std::chrono::milliseconds time{1};

    // Whether what is in the bucket is as much as it holds; what has leaked while it was filled is let go.
    bool is_full(double level) const { return most > 0 && level > most - 0.5; }
};

// A leaking bucket for each of many names, in memory only. Where there are too many names, those that are
// emptiest are forgotten. Any thread.
class Meter {
public:
    explicit Meter(std::size_t most_names = 100'000) : most_names_(most_names) {}

    // What is in the bucket afterwards; below 0 it does not get.
    double add(std::string_view name, double amount, const Rate& rate, Instant now);
    double level(std::string_view name, const Rate& rate, Instant now) const;
    // As it was left at that time, before this Meter was.
    void restore(std::string_view name, double level, Instant at, Instant empty_at);
    void forget(std::string_view name);
    std::size_t names() const;

private:
    struct Bucket {
        double level = 0;
        Instant at{};
        Instant empty_at{};
    };
    static double level_of(const Bucket& bucket, const Rate& rate, Instant now);
    void make_room(Instant now);

    const std::size_t most_names_;
    mutable std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace hongyan::reputation
