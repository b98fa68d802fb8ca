// Leaking buckets that outlive the program.
#pragma once

#include "reputation/meter.h"
#include "reputation/notebook.h"

namespace hongyan::reputation {

// A Meter whose buckets are noted too, in 65,536 places on disk; a bucket's is found by a digest of its name,
// and a newer bucket takes the place of an older one in the same, which then does not outlive the program.
// Any thread.
class Tally {
public:
    // Takes over what is kept; blocks for the disk. `kind` sets these apart from others: one letter.
    // `notebook` outlives this. What is damaged there is passed over.
    Tally(Notebook& notebook, char kind);

    // As Meter has them.
    double add(std::string_view name, double amount, const Rate& rate, Instant now);
    double level(std::string_view name, const Rate& rate, Instant now) const {
        return meter_.level(name, rate, now);
    }
    void forget(std::string_view name);

    struct Kept {
        std::string name = {};
        double level = 0;
        Instant at{};
        Instant empty_at{};
        friend bool operator==(const Kept&, const Kept&) = default;
    };

private:
    std::string key_of(std::string_view name) const;

    Notebook& notebook_;
    char kind_;
    Meter meter_;
};

std::string encode(const Tally::Kept& kept);
// Corrupt if it is none.
Result<Tally::Kept> decode_tally(std::string_view record);

}  // namespace hongyan::reputation
