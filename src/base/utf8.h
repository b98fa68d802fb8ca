// UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstdint>
#include <string_view>

namespace hongyan::utf8 {

// How many bytes the character at the front takes, 1 to 4; 0 if it is not well formed. `text` must not be
// empty.
constexpr std::size_t length_of_first(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const auto lowest = first == 0xe0 ? 0xa0 : 0x80;
        const auto highest = first == 0xed ? 0x9f : 0xbf;
        return byte(1) >= lowest && byte(1) <= highest && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const auto lowest = first == 0xf0 ? 0x90 : 0x80;
        const auto highest = first == 0xf4 ? 0x8f : 0xbf;
        return byte(1) >= lowest && byte(1) <= highest && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

constexpr bool is_valid(std::string_view text) {
    while (!text.empty()) {
        const auto length = length_of_first(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace hongyan::utf8
