#include "base/encoding.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/ascii.h"

namespace hongyan {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digits = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

constexpr std::uint32_t octet(char c) { return static_cast<std::uint8_t>(c); }
constexpr char digit(std::uint32_t bits) { return alphabet[bits & 63U]; }

// The bytes of three digits before one "=", or of two before two. False if what the padding cuts off is not
// zero: two texts would stand for the same bytes.
bool put_last(std::uint32_t bits, std::size_t padding, char* out) {
    if (padding == 1) {
        *out++ = static_cast<char>(bits >> 10U);
        *out = static_cast<char>(bits >> 2U);
        return (bits & 3U) == 0;
    }
    if (padding == 2) *out = static_cast<char>(bits >> 4U);
    return (bits & 15U) == 0 || padding == 0;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    while (bytes.size() >= 3) {
        const auto bits = octet(bytes[0]) << 16U | octet(bytes[1]) << 8U | octet(bytes[2]);
        out += {digit(bits >> 18U), digit(bits >> 12U), digit(bits >> 6U), digit(bits)};
        bytes.remove_prefix(3);
    }
    if (bytes.size() == 1) {
        const auto bits = octet(bytes[0]) << 16U;
        out += {digit(bits >> 18U), digit(bits >> 12U), '=', '='};
    } else if (bytes.size() == 2) {
        const auto bits = octet(bytes[0]) << 16U | octet(bytes[1]) << 8U;
        out += {digit(bits >> 18U), digit(bits >> 12U), digit(bits >> 6U), '='};
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
    const auto digits_only = text.substr(0, text.size() - padding);
    const auto whole = digits_only.size() / 4;
    std::string out(text.size() / 4 * 3 - padding, '\0');
    char* next = out.data();
    std::uint32_t seen = 0;  // all digits, one upon the other
    const auto take = [&](char c) -> std::uint32_t {
        const auto value = digits[static_cast<std::uint8_t>(c)];
        seen |= value;
        return value;
    };
    for (std::size_t i = 0; i < whole; ++i) {
        const auto* const four = digits_only.data() + 4 * i;
        const auto bits = take(four[0]) << 18U | take(four[1]) << 12U | take(four[2]) << 6U | take(four[3]);
        for (const auto shift : {16U, 8U, 0U}) *next++ = static_cast<char>(bits >> shift);
    }
    std::uint32_t bits = 0;
    for (const char c : digits_only.substr(4 * whole)) bits = bits << 6U | take(c);
    if (!put_last(bits, padding, next) || (seen & ~63U) != 0) return std::nullopt;
    return out;
}

std::optional<std::string> from_folded_base64(std::string_view text) {
    std::string out(text.size() / 4 * 3 + 3, '\0');
    char* next = out.data();
    const auto put = [&next](std::uint32_t bits) {
        for (const auto shift : {16U, 8U, 0U}) *next++ = static_cast<char>(bits >> shift);
    };
    const auto value = [&text](std::size_t i) -> std::uint32_t { return digits[octet(text[i])]; };
    std::uint32_t bits = 0;
    std::size_t gathered = 0, padding = 0;  // digits in `bits`, and behind all of them
    while (!text.empty()) {
        const bool may_be_four = gathered == 0 && padding == 0 && text.size() >= 4;
        if (may_be_four && (value(0) | value(1) | value(2) | value(3)) <= 63U) {
            put(value(0) << 18U | value(1) << 12U | value(2) << 6U | value(3));
            text.remove_prefix(4);
            continue;
        }
        const char c = text.front();
        const auto digit = value(0);
        text.remove_prefix(1);
        if (ascii::is_space(c)) continue;
        if (c == '=' && ++padding <= 2) continue;
        if (digit == no_digit || padding > 0) return std::nullopt;
        bits = bits << 6U | digit;
        if (++gathered < 4) continue;
        put(std::exchange(bits, 0));
        gathered = 0;
    }
    if (gathered == 1 || (gathered > 0 && !put_last(bits, 4 - gathered, next))) return std::nullopt;
    next += gathered > 0 ? gathered - 1 : 0;
    out.resize(static_cast<std::size_t>(next - out.data()));
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) out += {hex[octet(c) >> 4U], hex[octet(c) & 15U]};
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    const auto nibble = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = nibble(text[i]);
        const int low = nibble(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

}  // namespace hongyan
