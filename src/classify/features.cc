#include "classify/features.h"

#include <algorithm>

#include "classify/extract.h"

namespace hongyan::classify {

namespace {

// How far apart the two words of a pair may be.
constexpr std::size_t reach = 2;

}  // namespace

void add_words(Features& features, const std::vector<std::string>& words, Kind single, Kind pair,
               const Without& without) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        features.add(single, words[i]);
        if (without.pairs) continue;
        for (std::size_t distance = 1; distance <= std::min(reach, i); ++distance)
            features.add_pair(pair, words[i - distance], words[i], distance);
    }
}

Seen look_at(std::string_view raw, std::optional<Instant> came, const Without& without) {
    Seen seen;
    const auto structure = message::parse(raw);
    look_at_header(seen, message::header_of(structure.root(), raw), came, without);
    look_at_parts(seen, structure, raw, without);
    for (const auto& row : trait_rows())
        if (seen.traits.has(row.trait)) seen.features.add(Kind::trait, row.code);
    seen.features.finish();
    return seen;
}

}  // namespace hongyan::classify
