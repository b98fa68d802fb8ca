// What the classifier sees of a message: things that are there or not, each with words for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
    fragment = 14,         // four letters of the text in a row
    header_fragment = 15,  // and of the header's fields that the sender wrote
    recipients = 16,       // how they are named, not who they are
};

// Its words lie in Features' texts from `text` on: one, or, of a pair, two with `skipped` bytes between them.
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

// Each feature once, in the order in which they were first seen, after finish(). Belongs to one thread.
class Features {
public:
    void add(Kind kind, std::string_view text);
    void add_words(Kind single, const Words& words);
    // Each word, and with each the one before it and the one before that.
    void add_words_and_pairs(Kind single, Kind pair, const Words& words);
    // Every four bytes in a row, in lower case and with blanks as one; of the first `most` bytes. Nobody
    // reads them: they have no text.
    void add_fragments(Kind kind, std::string_view text, std::size_t most);
    // Drops what was added more than once.
    void finish();

    const std::vector<Feature>& all() const { return features_; }
    // "word", "first second", or "first … second" where another stood between them.
    std::string text(const Feature& feature) const;

private:
    bool has_room() const { return added_ < max_features; }
    void put(const Feature& feature) {
        if (!has_room()) return;
        ++added_;
        features_.push_back(feature);
    }
    std::uint32_t keep(std::string_view text);
    void add_distinct_fragments(Kind kind, std::string_view plain);

    std::vector<Feature> features_;
    std::string texts_;
    std::size_t added_ = 0;  // those that are there twice count twice: time is to be bounded
};

}  // namespace hongyan::classify
