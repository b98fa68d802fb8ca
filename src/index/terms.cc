#include "index/terms.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hongyan::index {
namespace {

enum class Class : std::uint8_t { separator, word, dense };

struct Character {
    Class of = Class::separator;
    std::size_t size = 1;  // bytes
};

// Code points of scripts without spaces, and of symbols, above the alphabets. A character's class depends on
// nothing but itself: so a run of a needle is a part of a run of the text it is found in.
struct Block {
    char32_t first;
    char32_t last;
    Class of;
};
constexpr std::array blocks{
    Block{0x0e00, 0x0fff, Class::dense},      // Thai, Lao, Tibetan
    Block{0x1000, 0x109f, Class::dense},      // Myanmar
    Block{0x1780, 0x17ff, Class::dense},      // Khmer
    Block{0x2000, 0x2bff, Class::separator},  // punctuation, arrows, lines and other symbols
    Block{0x2e80, 0x2fff, Class::dense},      // radicals
    Block{0x3000, 0x3004, Class::separator},  // CJK punctuation
    Block{0x3005, 0x3007, Class::dense},     Block{0x3008, 0x3020, Class::separator},
    Block{0x3021, 0x9fff, Class::dense},  // kana, bopomofo, ideographs
    Block{0xf900, 0xfaff, Class::dense},     Block{0xfe00, 0xfe6f, Class::separator},
    Block{0xfff0, 0xffff, Class::separator},  // U+FFFD
    Block{0x10000, 0x1fffff, Class::dense},   // ideographs, pictures
};

Class class_of(char32_t character) {
    const auto* const block =
        std::ranges::find_if(blocks, [&](const Block& row) { return character <= row.last; });
    return block != blocks.end() && character >= block->first ? block->of : Class::word;
}

constexpr Class class_of_ascii(unsigned char byte) {
    const bool is_word =
        (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
    return is_word ? Class::word : Class::separator;
}
constexpr auto ascii_classes = [] {
    std::array<Class, 128> table{};
    for (unsigned char byte = 0; byte < table.size(); ++byte) table[byte] = class_of_ascii(byte);
    return table;
}();

// Folded texts are UTF-8; what is none separates.
Character character_at(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {ascii_classes[lead], 1};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
    if (size == 1 || size > text.size()) return {};
    char32_t value = lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i)
        value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    if (size == 2) return {value < 0xc0 ? Class::separator : Class::word, 2};
    return {class_of(value), size};
}

// The characters of one class at the front.
struct Run {
    Class of = Class::separator;
    std::string_view text;
};
Run run_at(std::string_view text) {
    if (text.empty()) return {};
    const auto first = character_at(text);
    auto size = first.size;
    while (size < text.size()) {
        const auto next = character_at(text.substr(size));
        if (next.of != first.of) break;
        size += next.size;
    }
    return {first.of, text.substr(0, size)};
}

std::string_view line_at(std::string_view text) { return text.substr(0, text.find(end_of_term)); }

}  // namespace

bool Terms::next_run() {
    if (kind_ == Kind::values) {
        if (rest_.empty()) return false;
        run_ = line_at(rest_);
        rest_.remove_prefix(std::min(run_.size() + 1, rest_.size()));
        return true;
    }
    while (!rest_.empty()) {
        const auto run = run_at(rest_);
        rest_.remove_prefix(run.text.size());
        if (run.of == Class::separator) continue;
        run_ = run.text;
        run_is_dense_ = run.of == Class::dense;
        return true;
    }
    return false;
}

std::string_view Terms::next_piece(const Pieces& pieces) {
    const auto piece = run_.substr(0, pieces.size);
    has_run_ = piece.size() < run_.size();
    if (has_run_) run_.remove_prefix(pieces.size - pieces.overlap);
    return piece;
}

std::optional<std::string_view> Terms::next() {
    if (!has_run_ && !next_run()) return std::nullopt;
    if (kind_ == Kind::values) return next_piece(value_pieces);
    if (!run_is_dense_) return next_piece(word_pieces);
    const auto first = character_at(run_).size;
    if (first == run_.size()) {
        has_run_ = false;
        return run_;
    }
    const auto pair = run_.substr(0, first + character_at(run_.substr(first)).size);
    has_run_ = pair.size() < run_.size();
    run_.remove_prefix(first);
    return pair;
}

namespace {

// A needle of many words is known well enough by the longest of them.
constexpr std::size_t max_patterns = 6;

void keep_longest(std::vector<Pattern>& patterns) {
    std::ranges::sort(patterns, [](const Pattern& a, const Pattern& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    const auto same = std::ranges::unique(patterns);
    patterns.erase(same.begin(), same.end());
    if (patterns.size() > max_patterns) patterns.resize(max_patterns);
}

// Of the word in the needle; where the needle goes on before or behind it, the text's word ends there too.
Pattern pattern_of_word(std::string_view word, bool begins, bool ends) {
    const bool is_whole = word.size() <= word_pieces.overlap;
    Pattern pattern;
    if (begins) pattern += end_of_term;
    pattern += word.substr(0, word_pieces.overlap);
    if (ends && is_whole) pattern += end_of_term;
    return pattern;
}

Question question_of_words(std::string_view needle) {
    Question asked;
    for (std::size_t at = 0; at < needle.size();) {
        const auto run = run_at(needle.substr(at));
        const auto end = at + run.text.size();
        if (run.of == Class::word)
            asked.patterns.push_back(pattern_of_word(run.text, at > 0, end < needle.size()));
        if (run.of == Class::dense) {
            Terms pairs(Kind::words, run.text);
            while (const auto pair = pairs.next()) asked.patterns.emplace_back(*pair);
        }
        at = end;
    }
    // One pattern that is all of the needle; a line end in a needle is not the end of a term.
    const bool is_one_run = run_at(needle).text.size() == needle.size();
    asked.is_exact = is_one_run && asked.patterns.size() == 1 && asked.patterns.front() == needle;
    keep_longest(asked.patterns);
    return asked;
}

}  // namespace

Question question(Kind kind, std::string_view needle) {
    if (kind == Kind::words) return question_of_words(needle);
    if (needle.contains(end_of_term)) return {};
    if (needle.empty()) return {{Pattern(1, end_of_term)}, true};
    return {{Pattern(needle.substr(0, value_pieces.overlap))}, needle.size() <= value_pieces.overlap};
}

}  // namespace hongyan::index
