// The words of which header fields are made, in ASCII.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/ascii.h"

namespace hongyan::message {

// atext of RFC 5322 §3.2.3: of an atom, without the letters beyond ASCII that RFC 6532 §3.2 adds.
constexpr bool is_atext(char c) {
    return ascii::is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}
// The same with those letters; whoever asks has seen to their being UTF-8, or does not care.
constexpr bool is_wide_atext(char c) { return is_atext(c) || ascii::is_8bit(c); }

// token of RFC 2045 §5.1
constexpr bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < '\x7f' && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
    });
}

}  // namespace hongyan::message
