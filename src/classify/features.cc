#include "classify/features.h"

#include "classify/extract.h"

namespace hongyan::classify {

void add_words(Features& features, const Words& words, Kind single, Kind pair, const Without& without) {
    if (without.pairs) return features.add_words(single, words);
    features.add_words_and_pairs(single, pair, words);
}

Seen look_at(std::string_view raw, std::optional<Instant> came, const Without& without,
             const Model* asked_next) {
    Seen seen{.features = Features(asked_next), .traits = {}};
    const auto structure = message::parse(raw);
    look_at_header(seen, message::header_of(structure.root(), raw), came, without);
    look_at_parts(seen, structure, raw, without);
    for (const auto& row : trait_rows())
        if (seen.traits.has(row.trait)) seen.features.add(Kind::trait, row.code);
    seen.features.finish();
    return seen;
}

}  // namespace hongyan::classify
