#include "classify/feature.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::classify {

namespace {

// FNV-1a, and the finish of MurmurHash3 so that every bit depends on all of the text.
constexpr std::uint64_t offset_basis = 0xcbf29ce484222325;
constexpr std::uint64_t prime = 0x100000001b3;

constexpr std::size_t fragment_size = 4;

std::uint64_t mixed(std::uint64_t state, std::string_view text) {
    for (const char c : text) state = (state ^ static_cast<std::uint8_t>(c)) * prime;
    return state;
}
std::uint64_t finished(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33U);
}
std::uint64_t begun(Kind kind) { return (offset_basis ^ static_cast<std::uint8_t>(kind)) * prime; }

}  // namespace

std::uint64_t hash_of(Kind kind, std::string_view text) { return finished(mixed(begun(kind), text)); }

void Features::add(Kind kind, std::string_view text) { put(hash_of(kind, text), kind, text); }

void Features::add_pair(Kind kind, std::string_view first, std::string_view second, std::size_t distance) {
    std::string text(first);
    // As many marks as words between them, and one.
    text += distance == 1 ? " " : distance == 2 ? " … " : " … … ";
    text += second;
    add(kind, text);
}

void Features::add_fragments(Kind kind, std::string_view text, std::size_t most) {
    std::string plain;
    for (const char c : text) {
        if (plain.size() >= most) break;
        if (!ascii::is_space(c)) {
            plain += ascii::lower(c);
        } else if (!plain.ends_with(' ')) {
            plain += ' ';
        }
    }
    for (std::size_t i = 0; i + fragment_size <= plain.size(); ++i)
        add(kind, std::string_view(plain).substr(i, fragment_size));
}

void Features::put(std::uint64_t hash, Kind kind, std::string_view text) {
    if (is_full()) return;
    const auto kept = text.size() <= fragment_size ? text : message::utf8_prefix(text, max_feature_text);
    features_.push_back({.hash = hash,
                         .kind = kind,
                         .text_size = static_cast<std::uint8_t>(kept.size()),
                         .text = static_cast<std::uint32_t>(texts_.size())});
    texts_ += kept;
}

// The hashes are even already, so that their low bits are a place in a table.
void Features::finish() {
    constexpr std::uint64_t nobody = 0;
    std::vector<std::uint64_t> table(std::bit_ceil(2 * features_.size() + 1), nobody);
    const auto last = table.size() - 1;
    std::erase_if(features_, [&](const Feature& feature) {
        const auto hash = std::max<std::uint64_t>(feature.hash, nobody + 1);
        auto place = hash & last;
        while (table[place] != nobody && table[place] != hash) place = (place + 1) & last;
        return std::exchange(table[place], hash) == hash;
    });
}

}  // namespace hongyan::classify
