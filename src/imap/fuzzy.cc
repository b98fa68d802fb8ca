#include "imap/fuzzy.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/utf8.h"

namespace hongyan::imap {
namespace {

// Of one search text; the rest of a long one counts only as it stands.
constexpr std::size_t most_words = 50;

constexpr std::size_t shortest_inflected = 5;  // letters: "break" finds "brea…"

bool is_of_a_word(char c) { return ascii::is_alnum(c) || ascii::is_8bit(c); }

// From here on scripts have no blanks between words: ideographs, kana, hangul.
constexpr char32_t first_without_blanks = 0x2e80;

// Each two characters that stand together.
void add_pairs(std::string_view run, std::vector<std::string>& words) {
    std::string_view before;
    for (bool first = true; !run.empty() && words.size() < most_words; first = false) {
        const auto size = std::max<std::size_t>(1, message::utf8_character_size(run));
        const auto character = run.substr(0, size);
        run.remove_prefix(size);
        if (!first || run.empty()) words.push_back(std::string(before).append(character));
        before = character;
    }
}

void add_word(std::string_view run, std::vector<std::string>& words) {
    const auto size = message::utf8_character_size(run);
    if (size > 1 && message::utf8_code_point(run) >= first_without_blanks) return add_pairs(run, words);
    const bool is_long = message::is_ascii(run) && run.size() >= shortest_inflected;
    words.emplace_back(run.substr(0, run.size() - (is_long ? 1 : 0)));
}

std::vector<std::string> words_of(std::string_view folded) {
    std::vector<std::string> words;
    while (!folded.empty() && words.size() < most_words) {
        const auto end = std::ranges::find_if_not(folded, is_of_a_word);
        const std::string_view run(folded.begin(), end);
        if (!run.empty()) add_word(run, words);
        folded.remove_prefix(std::min(run.size() + 1, folded.size()));
    }
    return words;
}

}  // namespace

FuzzyNeedle::FuzzyNeedle(std::string_view utf8) : whole_(utf8), words_(words_of(whole_.folded())) {}

int FuzzyNeedle::score_in(std::string_view folded) const {
    if (whole_.is_in_folded(folded)) return 100;
    const auto found = std::ranges::count_if(
        words_, [folded](const std::string& word) { return message::is_in_folded(folded, word); });
    if (found == 0 || static_cast<std::size_t>(found) * 2 < words_.size()) return 0;
    return static_cast<int>(90 * static_cast<std::size_t>(found) / words_.size());
}

}  // namespace hongyan::imap
