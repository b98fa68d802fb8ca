#include "forward/base32.h"

#include "base/ascii.h"

namespace hongyan::forward {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";  // RFC 4648 §6
constexpr std::size_t most_digits = 12;

}  // namespace

std::string to_base32(std::uint64_t number, std::size_t digits) {
    std::string text(digits, 'A');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number >>= 5U)
        *digit = alphabet[number & 31U];
    return text;
}

std::optional<std::uint64_t> from_base32(std::string_view text) {
    if (text.empty() || text.size() > most_digits) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(ascii::upper(c));
        if (digit == std::string_view::npos) return std::nullopt;
        number = number << 5U | digit;
    }
    return number;
}

}  // namespace hongyan::forward
