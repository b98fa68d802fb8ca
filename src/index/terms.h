// Texts taken apart into terms, and what is looked for into patterns that terms must have. The two agree: a
// text that contains a needle has a term for each of the needle's patterns.
//
// Terms of words are runs of letters and digits. Scripts that put no spaces between words (Han, kana, Thai
// and others) give every pair of neighbouring characters, so that one character and two are answered exactly.
// What separates is no part of a term. Terms of values are whole lines: one value of a header field.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::index {

// Long terms are cut into pieces that overlap, so that no text makes terms without bound: whatever is no
// longer than the overlap lies in one piece whole.
struct Pieces {
    std::size_t size;  // bytes of the longest piece
    std::size_t overlap;
};
inline constexpr Pieces word_pieces{64, 32};      // words are shorter; keys and hashes are not
inline constexpr Pieces value_pieces{1024, 512};  // lists of many recipients

enum class Kind { words, values };

// Terms of a folded text in their order, each as a view of it; some come more than once.
class Terms {
public:
    Terms(Kind kind, std::string_view folded) : kind_(kind), rest_(folded) {}

    // Nothing at the end.
    std::optional<std::string_view> next();

private:
    bool next_run();
    std::string_view next_piece(const Pieces& pieces);

    Kind kind_;
    std::string_view rest_;
    std::string_view run_;  // what of the present run is still to be given out
    bool run_is_dense_ = false;
    bool has_run_ = false;
};

// What a term must contain. In a block of terms each stands between two ends; a pattern that begins or ends
// with one wants the beginning or the end of a term.
inline constexpr char end_of_term = '\n';
using Pattern = std::string;

struct Question {
    // A text that contains the needle has for each of them a term that contains it.
    std::vector<Pattern> patterns;
    // And the other way round: a text with such a term contains the needle.
    bool is_exact = false;
};
// A needle that nothing can be said about gives no pattern.
Question question(Kind kind, std::string_view folded_needle);

}  // namespace hongyan::index
