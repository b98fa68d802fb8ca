#include "message/line_scan.h"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace hongyan::message {
namespace {

#ifdef __SSE2__
constexpr std::size_t block_size = 16;

__m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// A bit for each of the 16 bytes that equals `c`.
unsigned equal_bytes(__m128i block, char c) {
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c))));
}
#endif

}  // namespace

std::size_t find_dash_line(std::string_view text, std::size_t from, std::uint64_t& lines) {
    std::size_t at = from;
#ifdef __SSE2__
    for (; at + block_size + 2 <= text.size(); at += block_size) {
        const char* const block = text.data() + at;
        const auto breaks = equal_bytes(load(block), '\n');
        if (breaks == 0) continue;
        const auto dashes = breaks & equal_bytes(load(block + 1), '-') & equal_bytes(load(block + 2), '-');
        if (dashes == 0) {
            lines += static_cast<unsigned>(std::popcount(breaks));
            continue;
        }
        const auto up_to_first = dashes ^ (dashes - 1);
        lines += static_cast<unsigned>(std::popcount(breaks & up_to_first));
        return at + static_cast<unsigned>(std::countr_zero(dashes)) + 1;
    }
#endif
    for (; at < text.size(); ++at) {
        if (text[at] != '\n') continue;
        ++lines;
        if (text.substr(at + 1).starts_with("--")) return at + 1;
    }
    return text.size();
}

// Few at a time, so that the compiler counts in bytes, many at once.
std::uint64_t count_lines(std::string_view text) {
    constexpr std::size_t most = 255;
    std::uint64_t lines = 0;
    for (; !text.empty(); text.remove_prefix(std::min(most, text.size()))) {
        std::uint8_t few = 0;
        for (const char c : text.substr(0, most)) few += c == '\n' ? 1 : 0;
        lines += few;
    }
    return lines;
}

}  // namespace hongyan::message
