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

// The bits of a digit where it stands among four, so that four entries together are three bytes; of no digit
// a bit above these.
constexpr auto digits_at = [] {
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    for (std::size_t place = 0; place < tables.size(); ++place)
        for (std::size_t c = 0; c < digits.size(); ++c)
            tables[place][c] =
                digits[c] == no_digit ? 1U << 24U : std::uint32_t{digits[c]} << (18 - 6 * place);
    return tables;
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

// Writes three bytes for every four digits at the front of the text, and takes these away, up to the first
// four that are not all digits.
void take_fours(std::string_view& text, char*& out) {
    const auto* in = text.data();
    const auto* const end = in + text.size() / 4 * 4;
    for (; in != end; in += 4) {
        const auto bits = digits_at[0][octet(in[0])] | digits_at[1][octet(in[1])] |
                          digits_at[2][octet(in[2])] | digits_at[3][octet(in[3])];
        if (bits >> 24U != 0) break;
        for (const auto shift : {16U, 8U, 0U}) *out++ = static_cast<char>(bits >> shift);
    }
    text.remove_prefix(static_cast<std::size_t>(in - text.data()));
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
    std::string out(text.size() / 4 * 3 - padding, '\0');
    char* next = out.data();
    text.remove_suffix(padding);
    take_fours(text, next);
    if (text.size() >= 4) return std::nullopt;
    std::uint32_t bits = 0, seen = 0;  // all digits, one upon the other
    for (const char c : text) {
        bits = bits << 6U | digits[octet(c)];
        seen |= digits[octet(c)];
    }
    if (!put_last(bits, padding, next) || (seen & ~63U) != 0) return std::nullopt;
    return out;
}

std::optional<std::string> from_folded_base64(std::string_view text) {
    std::string out(text.size() / 4 * 3 + 3, '\0');
    char* next = out.data();
    std::uint32_t bits = 0;
    std::size_t gathered = 0, padding = 0;  // digits in `bits`, and behind all of them
    for (;;) {
        if (gathered == 0 && padding == 0) take_fours(text, next);
        if (text.empty()) break;
        const char c = text.front();
        text.remove_prefix(1);
        if (ascii::is_space(c)) continue;
        if (c == '=' && ++padding <= 2) continue;
        if (digits[octet(c)] == no_digit || padding > 0) return std::nullopt;
        bits = bits << 6U | digits[octet(c)];
        if (++gathered < 4) continue;
        for (const auto shift : {16U, 8U, 0U}) *next++ = static_cast<char>(bits >> shift);
        bits = 0;
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
