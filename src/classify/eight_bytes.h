// Eight bytes of a text at once, in one register: for loops whose branches nobody foretells.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hongyan::classify {

// The first of them the lowest.
inline std::uint64_t eight_bytes(const char* at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return std::endian::native == std::endian::little ? bytes : std::byteswap(bytes);
}
inline void put_eight_bytes(char* at, std::uint64_t bytes) {
    if (std::endian::native != std::endian::little) bytes = std::byteswap(bytes);
    std::memcpy(at, &bytes, sizeof bytes);
}

constexpr std::uint64_t each(char c) { return 0x0101'0101'0101'0101U * static_cast<std::uint8_t>(c); }
constexpr std::uint64_t upper_bits = each('\x80');

// The upper bit of each byte that is ASCII, and from `first` to `last`.
constexpr std::uint64_t between(char first, char last, std::uint64_t bytes) {
    const auto seven_bits = bytes & ~upper_bits;
    return (seven_bits + (upper_bits - each(first))) & ~(seven_bits + (each('\x7f') - each(last))) & ~bytes &
           upper_bits;
}

// What is ASCII in lower case.
constexpr std::uint64_t lower(std::uint64_t bytes) { return bytes | between('A', 'Z', bytes) >> 2U; }

}  // namespace hongyan::classify
