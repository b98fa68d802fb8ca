// What the classifier sees of a message: things that are there or not, each with words for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "classify/words.h"

namespace hongyan::classify {

// Where a feature was seen. A number is part of the hash, so that it is never given another meaning.
enum class Kind : std::uint8_t {
    word = 1,              // of the text
    pair = 2,              // two words that stand near each other
    subject_word = 3,      //
    subject_pair = 4,      //
    name_word = 5,         // of the sender's name
    sender_domain = 6,     // of From
    link_host = 7,         // the host of a link, or the domain above it
    link_word = 8,         // of the path of a link
    markup = 9,            // an HTML element with an attribute
    header = 10,           // a property of the header
    structure = 11,        // a property of the MIME structure
    trait = 12,            // a property of the text
    attachment = 13,       // of a file name
    fragment = 14,         // four octets of the text in a row
    header_fragment = 15,  // and of the header's fields that the sender wrote
    recipients = 16,       // how they are named, not who they are
};

// One with words. They lie in Features' texts from `text` on: one, or, of a pair, two with `skipped` bytes
// between them.
struct Feature {
    std::uint64_t hash;
    std::uint32_t text;
    Kind kind;
    std::uint8_t size;
    std::uint8_t skipped;
    std::uint8_t second_size;  // 0: it is no pair
};

// At most this many are looked at: what a text has more changes no verdict, and bounds the time.
inline constexpr std::size_t max_features = 20'000;
inline constexpr std::size_t max_feature_text = 120;  // bytes of words kept for people

// The hash that a feature has, on every machine and in every version: it is what lies on disk.
std::uint64_t hash_of(Kind kind, std::string_view text);

// The first `most` bytes of the text in lower case, with all blanks in a row as one.
std::string plain_text(std::string_view text, std::size_t most = std::string_view::npos);

// An odd number that this process has drawn: what hashes are multiplied by to be places in a table. Whoever
// knew it could write mail of which everything has the same place, and each look would go past all of it.
std::uint64_t drawn_multiplier();

// Four octets in a row, as numbers: which have been seen.
class SeenFragments {
public:
    // `spread` is odd; a test may choose it.
    explicit SeenFragments(std::uint64_t spread = drawn_multiplier())
        : spread_(static_cast<std::uint32_t>(spread)) {}
    // So many may follow; before any insert().
    void expect(std::size_t more);
    // Whether it is new.
    bool insert(std::uint32_t number) {
        if (number == nobody) return !std::exchange(has_zero_, true);
        const auto last = table_.size() - 1;
        std::size_t place = (number * spread_) >> shift_;
        // Nobody's, or its own? Both questions at once: which it is, is as good as chance, and a branch on it
        // would be foretold wrongly.
        const auto is_others = [&](std::uint64_t held) { return held * (held ^ number) != 0; };
        for (; is_others(table_[place]); ++passed_) place = (place + 1) & last;
        const bool is_new = std::exchange(table_[place], number) != number;
        count_ += is_new ? 1 : 0;
        return is_new;
    }
    // Of so many, which begin at each of `letters` and reach beyond it: those that are new, in their order,
    // of which it says the number. There is room for all.
    std::size_t insert(const char* letters, std::size_t count, std::span<std::uint32_t> fresh);
    // The places of others that all looks together have gone past: what the time depends on.
    std::size_t passed() const { return passed_; }

private:
    static constexpr std::uint32_t nobody = 0;
    std::vector<std::uint32_t> table_;  // at most half of it in use
    std::uint32_t spread_;
    unsigned shift_ = 0;  // the upper bits of a product are a place in the table
    std::size_t count_ = 0, passed_ = 0;
    bool has_zero_ = false;
};

class Model;

// Each feature once, in the order in which they were first seen, after finish(). Belongs to one thread.
class Features {
public:
    Features() = default;
    // `asked_next` will be asked about all of them: it hears of each as early as can be. May be null.
    explicit Features(const Model* asked_next) : asked_next_(asked_next) {}

    void add(Kind kind, std::string_view text);
    void add_words(Kind single, const Words& words);
    // Each word, and with each the one before it and the one before that.
    void add_words_and_pairs(Kind single, Kind pair, const Words& words);
    // Every four bytes in a row, in lower case and with blanks as one; of the first `most` bytes.
    void add_fragments(Kind kind, std::string_view text, std::size_t most);
    // The same of a plain_text().
    void add_plain_fragments(Kind kind, std::string_view plain);
    // Drops what was added more than once. Returns how many places of others it has gone past in its table,
    // on which the time depends; `spread` is odd, a test may choose it.
    std::size_t finish(std::uint64_t spread = drawn_multiplier());

    std::size_t size() const { return worded_.size() + fragments_.size(); }
    const std::vector<Feature>& worded() const { return worded_; }
    // The hashes of the fragments, which nobody reads: they have no text.
    const std::vector<std::uint64_t>& fragments() const { return fragments_; }
    // "word", "first second", or "first … second" where another stood between them.
    std::string text(const Feature& feature) const;

private:
    bool has_room() const { return added_ < max_features; }
    void put(const Feature& feature) {
        if (!has_room()) return;
        ++added_;
        worded_.push_back(feature);
    }
    std::uint32_t keep(std::string_view text);
    std::uint64_t told(std::uint64_t hash) const;

    const Model* asked_next_ = nullptr;
    std::vector<Feature> worded_;
    std::vector<std::uint64_t> fragments_;
    SeenFragments seen_in_text_, seen_in_header_;
    std::string texts_;
    std::size_t added_ = 0;  // those that are there twice count twice: time is to be bounded
};

}  // namespace hongyan::classify
