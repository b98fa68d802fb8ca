// Numbers with a fraction as printf writes them, in a fraction of the time that a format takes.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace hongyan::decimal {

enum class Plus { no, yes };  // before what is not below zero

// "%.1f" and "%+.1f", as "%.*f" with other numbers of `digits`.
inline void put_fixed(std::string& out, double value, int digits, Plus plus = Plus::no) {
    std::array<char, 340> text;  // the largest number has 309 digits
    const auto* const end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits).ptr;
    if (plus == Plus::yes && !std::signbit(value)) out += '+';
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

// "%g" and "%+g".
inline void put_general(std::string& out, double value, Plus plus = Plus::no) {
    constexpr int digits = 6;
    std::array<char, 32> text;
    const auto* const end =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits).ptr;
    if (plus == Plus::yes && !std::signbit(value)) out += '+';
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
}

}  // namespace hongyan::decimal
