#include "classify/feature.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/random.h"
#include "classify/eight_bytes.h"
#include "classify/model.h"
#include "message/utf8.h"

namespace hongyan::classify {

namespace {

// FNV-1a, and the finish of MurmurHash3 so that every bit depends on all of the text.
constexpr std::uint64_t offset_basis = 0xcbf29ce484222325;
constexpr std::uint64_t prime = 0x100000001b3;

constexpr std::size_t fragment_size = 4;
constexpr std::size_t usual_fragments = 3'000;  // of a message

constexpr std::string_view next_to_it = " ", one_between = " … ";

constexpr std::uint64_t mixed(std::uint64_t state, char c) {
    return (state ^ static_cast<std::uint8_t>(c)) * prime;
}
constexpr std::uint64_t mixed(std::uint64_t state, std::string_view text) {
    for (const char c : text) state = mixed(state, c);
    return state;
}
constexpr std::uint64_t finished(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccd;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53;
    return hash ^ (hash >> 33U);
}
constexpr std::uint64_t begun(Kind kind) { return (offset_basis ^ static_cast<std::uint8_t>(kind)) * prime; }

std::uint8_t small(std::size_t size) { return static_cast<std::uint8_t>(size); }

// A word as it stands in the texts, and the hash of a pair that begins with it as far as that is known.
struct First {
    std::uint64_t state = 0;
    std::uint32_t text = 0;
    std::size_t size = 0;  // 0: there is none
};

// Four bytes as a number that is not 0 but for four times NUL.
std::uint32_t number_of(const char* four) {
    std::uint32_t number = 0;
    std::memcpy(&number, four, sizeof number);
    return number;
}

// What each byte is in plain text: in lower case, and all blanks are one.
constexpr auto plain_bytes = [] {
    std::array<char, 256> bytes{};
    for (unsigned i = 0; i < bytes.size(); ++i) {
        const auto c = static_cast<char>(i);
        bytes[i] = ascii::is_space(c) ? ' ' : ascii::lower(c);
    }
    return bytes;
}();

constexpr std::uint64_t hash_of_four(Kind kind, std::uint32_t number) {
    const auto four = std::bit_cast<std::array<char, fragment_size>>(number);
    return finished(mixed(begun(kind), std::string_view(four.data(), four.size())));
}

// The upper bit of each byte that is a space, if there are no other blanks among them.
constexpr std::uint64_t spaces(std::uint64_t bytes) {
    const auto others = bytes ^ each(' ');
    return ~(((others & ~upper_bits) + ~upper_bits) | others) & upper_bits;
}
// Some bit, if a control character is among them, as other blanks are.
constexpr std::uint64_t any_control(std::uint64_t bytes) { return (bytes - each(' ')) & ~bytes & upper_bits; }

}  // namespace

std::string plain_text(std::string_view text, std::size_t most) {
    std::string out(std::min(text.size(), most), ' ');
    auto* next = out.data();
    const auto* const end = next + out.size();
    const auto* at = text.data();
    const auto* const last = at + text.size();
    bool is_after_blank = false;
    const auto take_byte = [&] {
        const char c = plain_bytes[static_cast<std::uint8_t>(*at++)];
        const bool is_blank = c == ' ';
        *next = c;
        next += is_blank && is_after_blank ? 0 : 1;
        is_after_blank = is_blank;
    };
    constexpr std::ptrdiff_t eight = sizeof(std::uint64_t);
    while (last - at >= eight && end - next >= eight) {
        const auto bytes = eight_bytes(at);
        const auto blanks = spaces(bytes);
        const auto twice = blanks & (blanks << 8U | (is_after_blank ? 0x80U : 0U));
        if ((any_control(bytes) | twice) != 0) {
            for (int i = 0; i < eight; ++i) take_byte();
            continue;
        }
        put_eight_bytes(next, lower(bytes));
        at += eight;
        next += eight;
        is_after_blank = blanks >> 63U != 0;
    }
    while (at != last && next != end) take_byte();
    out.resize(static_cast<std::size_t>(next - out.data()));
    return out;
}

std::uint64_t drawn_multiplier() {
    static const auto drawn = SystemRandom().number() | 1U;
    return drawn;
}

void SeenFragments::expect(std::size_t more) {
    constexpr std::size_t usual = 2'048;  // that of a header need not grow with each of its fields
    const auto size = std::max(usual, std::bit_ceil(2 * (count_ + more) + 1));
    if (size <= table_.size()) return;
    const auto old = std::exchange(table_, std::vector<std::uint32_t>(size, nobody));
    shift_ = static_cast<unsigned>(std::countl_zero(static_cast<std::uint32_t>(size - 1)));
    count_ = 0;
    for (const auto number : old)
        if (number != nobody) insert(number);
}

std::size_t SeenFragments::insert(const char* letters, std::size_t count, std::span<std::uint32_t> fresh) {
    auto seen = std::move(*this);  // where no store into the table can change it
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto number = number_of(letters + i);
        fresh[size] = number;
        size += seen.insert(number) ? 1 : 0;
    }
    *this = std::move(seen);
    return size;
}

std::uint64_t hash_of(Kind kind, std::string_view text) { return finished(mixed(begun(kind), text)); }

std::uint64_t Features::told(std::uint64_t hash) const {
    if (asked_next_ != nullptr) asked_next_->expect(hash);
    return hash;
}

void Features::add(Kind kind, std::string_view text) {
    if (!has_room()) return;
    const auto kept = message::utf8_prefix(text, max_feature_text);
    put({.hash = hash_of(kind, text),
         .text = keep(kept),
         .kind = kind,
         .size = small(kept.size()),
         .skipped = 0,
         .second_size = 0});
}

void Features::add_words(Kind single, const Words& words) {
    for (std::size_t i = 0; i < words.size(); ++i) add(single, words[i]);
}

// Words stand in the texts one behind the other, so that their pairs need no texts of their own. All hashes
// of a word go on together: each has to wait for its own multiplications only.
void Features::add_words_and_pairs(Kind single, Kind pair, const Words& words) {
    First before, farther;
    auto text = keep(words.text());
    const auto first = worded_.size();
    worded_.resize(first + std::min(3 * words.size(), max_features - added_ + 2));
    auto* next = worded_.data() + first;
    const auto sum = [&] { return added_ + static_cast<std::size_t>(next - worded_.data()) - first; };
    for (std::size_t i = 0; i < words.size() && sum() < max_features; ++i) {
        const auto word = words[i];
        auto alone = begun(single), begins = begun(pair);
        auto beside = mixed(before.state, next_to_it), beyond = mixed(farther.state, one_between);
        for (const char c : word) {
            alone = mixed(alone, c);
            begins = mixed(begins, c);
            beside = mixed(beside, c);
            beyond = mixed(beyond, c);
        }
        const First here{.state = begins, .text = text, .size = word.size()};
        text += static_cast<std::uint32_t>(word.size());
        const auto size = small(here.size);
        *next++ = {told(finished(alone)), here.text, single, size, 0, 0};
        if (before.size > 0)
            *next++ = {told(finished(beside)), before.text, pair, small(before.size), 0, size};
        if (farther.size > 0)
            *next++ = {told(finished(beyond)), farther.text,       pair,
                       small(farther.size),    small(before.size), size};
        farther = std::exchange(before, here);
    }
    const auto count = std::min(sum(), max_features) - added_;
    worded_.resize(first + count);
    added_ += count;
}

void Features::add_fragments(Kind kind, std::string_view text, std::size_t most) {
    add_plain_fragments(kind, plain_text(text, most));
}

// Only those that are new have a hash.
void Features::add_plain_fragments(Kind kind, std::string_view letters) {
    auto& seen = kind == Kind::fragment ? seen_in_text_ : seen_in_header_;
    if (letters.size() < fragment_size || !has_room()) return;
    const auto count = std::min(letters.size() - fragment_size + 1, max_features - added_);
    added_ += count;
    seen.expect(count);
    if (fragments_.empty()) fragments_.reserve(usual_fragments);
    std::array<std::uint32_t, 256> fresh;
    std::array<std::uint64_t, fresh.size()> hashes;
    for (std::size_t begin = 0; begin < count; begin += fresh.size()) {
        const auto size = seen.insert(letters.data() + begin, std::min(fresh.size(), count - begin), fresh);
        for (std::size_t i = 0; i < size; ++i) hashes[i] = told(hash_of_four(kind, fresh[i]));
        fragments_.insert(fragments_.end(), hashes.data(), hashes.data() + size);
    }
}

std::uint32_t Features::keep(std::string_view text) {
    const auto at = static_cast<std::uint32_t>(texts_.size());
    texts_ += text;
    return at;
}

std::string Features::text(const Feature& feature) const {
    const std::string_view texts(texts_);
    std::string text(texts.substr(feature.text, feature.size));
    if (feature.second_size == 0) return text;
    text += feature.skipped == 0 ? next_to_it : one_between;
    return text += texts.substr(feature.text + feature.size + feature.skipped, feature.second_size);
}

// In the table stands which feature has a place, and some bits of its hash, by which most others are told
// apart without a look at it.
std::size_t Features::finish(std::uint64_t spread) {
    static_assert(max_features < 0xffff);
    constexpr std::uint32_t nobody = 0, number_bits = 0xffff;
    std::vector<std::uint32_t> table(std::bit_ceil(2 * worded_.size() + 2), nobody);
    const auto last = table.size() - 1;
    const auto shift = std::countl_zero(std::uint64_t{last});
    std::size_t passed = 0, size = 0;
    const auto is_known = [&](std::uint32_t held, std::uint32_t bits, std::uint64_t hash) {
        return (held & ~number_bits) == bits && worded_[(held & number_bits) - 1].hash == hash;
    };
    for (const auto feature : worded_) {
        const auto bits = static_cast<std::uint32_t>(feature.hash) & ~number_bits;
        auto place = (feature.hash * spread) >> shift;
        while (table[place] != nobody && !is_known(table[place], bits, feature.hash)) {
            place = (place + 1) & last;
            ++passed;
        }
        if (table[place] != nobody) continue;
        worded_[size++] = feature;
        table[place] = bits | static_cast<std::uint32_t>(size);
    }
    worded_.resize(size);
    return passed;
}

}  // namespace hongyan::classify
