// What has been learned: for every feature how often it was seen in junk and in good mail, and what it
// weighs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/large_pages.h"
#include "classify/feature.h"

namespace hongyan::classify {

enum class Label : std::uint8_t { good, junk };
constexpr Label other(Label label) { return label == Label::good ? Label::junk : Label::good; }

struct Slot {
    std::int16_t weight = 0;  // in parts of weight_unit
    std::uint16_t junk = 0;   // messages; stays at its largest value
    std::uint16_t good = 0;

    friend bool operator==(const Slot&, const Slot&) = default;
};
inline constexpr double weight_unit = 2'048;

// How many slots there are, as a power of two. Features share a slot by chance: of a message's 2,000 a few.
inline constexpr unsigned shared_bits = 20;   // 6 MB
inline constexpr unsigned account_bits = 16;  // 400 KB
inline constexpr unsigned min_bits = 8;
inline constexpr unsigned max_bits = 22;

// One message learned: all that changes in a model. So small that each is kept by itself
// (docs/formats/classify.md).
struct Lesson {
    Label label = Label::good;
    bool taken_back = false;           // an earlier lesson of this label is undone
    std::int16_t step = 0;             // added to the weight of each slot
    std::vector<std::uint32_t> slots;  // rising

    friend bool operator==(const Lesson&, const Lesson&) = default;
};

// A table of fixed size. A value; for one thread at a time, and for any number of readers while nobody
// teaches.
class Model {
public:
    explicit Model(unsigned bits);

    // The log-odds of junk, as far as it was learned: 0 knows nothing, above 0 is junk.
    double weigh(const Features& features) const;
    // A feature's, by its hash.
    std::int16_t weight(std::uint64_t hash) const { return weights_[index(hash)]; }
    Slot at(std::uint64_t hash) const { return slot(index(hash)); }
    // Says that weight() will be asked for it soon: they lie all over some megabytes.
    void expect(std::uint64_t hash) const { __builtin_prefetch(&weights_[index(hash)]); }
    // Of all of them together.
    std::int64_t weight(std::span<const std::uint64_t> hashes) const;

    // What has to be learned of a message that a person calls `label`, where all that is known of it together
    // weighs `known`. A message that is known well teaches nothing but the counts.
    Lesson lesson(const Features& features, Label label, double known) const;
    // What undoes it, as far as that can be known: as if the opposite were learned, and the count less one.
    Lesson unlesson(const Features& features, Label label, double known) const;
    void learn(const Lesson& lesson);

    std::uint64_t junk() const { return junk_; }  // messages learned
    std::uint64_t good() const { return good_; }
    unsigned bits() const { return bits_; }
    std::uint64_t slots_in_use() const;

    friend bool operator==(const Model&, const Model&) = default;

private:
    friend class ModelRecord;
    // How many messages had it; see Slot.
    struct Counts {
        std::uint16_t junk = 0;
        std::uint16_t good = 0;

        friend bool operator==(const Counts&, const Counts&) = default;
    };
    std::size_t index(std::uint64_t hash) const { return hash >> (64U - bits_); }
    Slot slot(std::size_t index) const {
        return {.weight = weights_[index], .junk = counts_[index].junk, .good = counts_[index].good};
    }
    Lesson made(const Features& features, Label label, double step) const;

    unsigned bits_;
    std::uint64_t junk_ = 0;
    std::uint64_t good_ = 0;
    std::vector<std::int16_t, LargePages<std::int16_t>>
        weights_;  // by themselves: whoever judges reads hardly anything else
    std::vector<Counts> counts_;
};

// The log-odds of so much weight of some or all of a message's features: a message of many counts no more
// than one of few.
double odds_of(std::int64_t weight, const Features& features);

// Between 0, nothing learned, and 1: how far the model is to be believed. Both kinds of mail must be known.
double confidence(std::uint64_t junk, std::uint64_t good);

}  // namespace hongyan::classify
