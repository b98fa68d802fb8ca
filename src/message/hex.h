// Hexadecimal digits as they stand in quoted-printable and percent signs.
#pragma once

#include <optional>
#include <string_view>

#include "base/ascii.h"

namespace hongyan::message {

// 0 to 15, or -1 if it is no digit. Small letters count too: RFC 2045 §6.7 asks for large ones, many send
// small.
constexpr int hex_value(char c) {
    if (ascii::is_digit(c)) return c - '0';
    const char lower = ascii::lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The byte that the first two digits of the text name.
constexpr std::optional<char> hex_byte(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    const int high = hex_value(text[0]);
    const int low = hex_value(text[1]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
}

}  // namespace hongyan::message
