// Text as SEARCH compares it (RFC 9051 §6.4.4): without regard to case, and to the many ways of writing the
// same character.
#pragma once

#include <string>
#include <string_view>

namespace hongyan::message {

// i;unicode-casemap (RFC 5051 §2): every character in title case and then in its compatibility decomposition,
// so "ＡＢＣ", "abc" and "Abc" are one and a half-width kana is the wide one. Letters that come out of a
// decomposition are put in title case too, against the RFC, so that "ﬁ" is found by "FI" and folding twice is
// folding once. Accents are kept: they stand behind their letters as characters of their own, so "e" is found
// in "é" and "é" not in "e". What is no UTF-8 becomes U+FFFD. Linear in the text.
std::string fold_for_search(std::string_view utf8);

// Both folded. Linear in the text, whatever the two are; an empty needle is in every text.
bool is_in_folded(std::string_view folded, std::string_view needle);

// What is looked for; folded once. May be asked from any thread.
class Needle {
public:
    explicit Needle(std::string_view utf8) : folded_(fold_for_search(utf8)) {}

    // Text that fold_for_search() made.
    bool is_in_folded(std::string_view folded) const { return message::is_in_folded(folded, folded_); }
    bool is_in(std::string_view utf8) const;

    const std::string& folded() const { return folded_; }

private:
    std::string folded_;
};

}  // namespace hongyan::message
