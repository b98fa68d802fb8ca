// Numbers as bytes: big-endian where keys must sort, variable length where space counts.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::bytes {

// Most significant byte first, so that the bytes sort as the numbers do.
template <std::unsigned_integral Number>
void put_big_endian(std::string& out, Number number) {
    for (int shift = static_cast<int>(sizeof(Number) * 8) - 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(number >> shift)));
}

// Reads and removes from the front; nothing if too few bytes are there.
template <std::unsigned_integral Number>
std::optional<Number> take_big_endian(std::string_view& in) {
    if (in.size() < sizeof(Number)) return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number = (number << 8U) | static_cast<std::uint8_t>(in[i]);
    in.remove_prefix(sizeof(Number));
    return static_cast<Number>(number);
}

// Seven bits a byte, least significant first, the high bit says that more follow (LEB128). At most ten bytes.
inline void put_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(number | 0x80U)));
        number >>= 7U;
    }
    out.push_back(static_cast<char>(number));
}

inline std::optional<std::uint64_t> take_varint(std::string_view& in) {
    // Nearly all are of one octet.
    if (!in.empty() && (static_cast<std::uint8_t>(in.front()) & 0x80U) == 0) {
        const auto number = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        return number;
    }
    std::uint64_t number = 0;
    for (unsigned shift = 0, i = 0; i < in.size() && shift < 64; ++i, shift += 7) {
        const auto byte = static_cast<std::uint8_t>(in[i]);
        if (shift == 63 && byte > 1) return std::nullopt;
        number |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) {
            in.remove_prefix(i + 1);
            return number;
        }
    }
    return std::nullopt;
}

// Small magnitudes of either sign become small numbers: 0, -1, 1, -2, …
constexpr std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1U) ^ -static_cast<std::int64_t>(number & 1U);
}

// A text with its length before it.
inline void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out.append(text);
}
inline std::optional<std::string_view> take_text(std::string_view& in) {
    auto rest = in;
    const auto size = take_varint(rest);
    if (!size || *size > rest.size()) return std::nullopt;
    const auto text = rest.substr(0, static_cast<std::size_t>(*size));
    in = rest.substr(static_cast<std::size_t>(*size));
    return text;
}

}  // namespace hongyan::bytes
