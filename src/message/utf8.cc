#include "message/utf8.h"

#include <cstdint>
#include <cstring>

namespace hongyan::message {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

constexpr std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }
constexpr bool is_trail(char c) { return (octet(c) & 0xc0U) == 0x80U; }

std::uint64_t word_at(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

// A character of three bytes whose second byte has no bounds of its own: nearly all of East Asia.
bool is_plain_triple(std::string_view bytes) {
    if (bytes.size() < 3) return false;
    const auto lead = octet(bytes[0]);
    return lead > 0xe0 && lead < 0xf0 && lead != 0xed && is_trail(bytes[1]) && is_trail(bytes[2]);
}

}  // namespace

std::size_t ascii_prefix_size(std::string_view bytes) {
    std::size_t size = 0;
    while (size + 32 <= bytes.size()) {
        const auto* at = bytes.data() + size;
        if (((word_at(at) | word_at(at + 8) | word_at(at + 16) | word_at(at + 24)) & high_bits) != 0) break;
        size += 32;
    }
    while (size < bytes.size() && octet(bytes[size]) < 0x80) ++size;
    return size;
}

bool is_ascii(std::string_view bytes) { return ascii_prefix_size(bytes) == bytes.size(); }

// UTF8-char of RFC 3629 §4: the second byte is bound more tightly than those after it.
std::size_t utf8_character_size(std::string_view bytes) {
    if (bytes.empty()) return 0;
    const auto lead = octet(bytes[0]);
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead > 0xf4) return 0;
    if (lead < 0xe0) return bytes.size() >= 2 && is_trail(bytes[1]) ? 2 : 0;
    if (lead < 0xf0) {
        if (bytes.size() < 3 || !is_trail(bytes[1]) || !is_trail(bytes[2])) return 0;
        const auto second = octet(bytes[1]);
        const bool overlong = lead == 0xe0 && second < 0xa0;
        const bool surrogate = lead == 0xed && second > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (bytes.size() < 4 || !is_trail(bytes[1]) || !is_trail(bytes[2]) || !is_trail(bytes[3])) return 0;
    const auto second = octet(bytes[1]);
    const bool overlong = lead == 0xf0 && second < 0x90;
    const bool too_large = lead == 0xf4 && second > 0x8f;
    return overlong || too_large ? 0 : 4;
}

bool valid_utf8(std::string_view bytes) {
    for (;;) {
        bytes.remove_prefix(ascii_prefix_size(bytes));
        if (bytes.empty()) return true;
        while (is_plain_triple(bytes)) bytes.remove_prefix(3);
        if (bytes.empty() || octet(bytes[0]) < 0x80) continue;
        const auto size = utf8_character_size(bytes);
        if (size == 0) return false;
        bytes.remove_prefix(size);
    }
}

char32_t utf8_code_point(std::string_view bytes) {
    const auto bits = [&](std::size_t i) { return static_cast<char32_t>(octet(bytes[i]) & 0x3fU); };
    const char32_t lead = octet(bytes[0]);
    if (lead < 0x80) return lead;
    if (lead < 0xe0) return (lead & 0x1fU) << 6U | bits(1);
    if (lead < 0xf0) return (lead & 0x0fU) << 12U | bits(1) << 6U | bits(2);
    return (lead & 0x07U) << 18U | bits(1) << 12U | bits(2) << 6U | bits(3);
}

void append_utf8(std::string& out, char32_t character) {
    const auto put = [&](char32_t byte) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(byte)));
    };
    const auto put_trail = [&](unsigned shift) { put(0x80U | ((character >> shift) & 0x3fU)); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xc0U | character >> 6U);
        put_trail(0);
    } else if ((character >= 0xd800 && character < 0xe000) || character > 0x10ffff) {
        out += replacement_character;
    } else if (character < 0x10000) {
        put(0xe0U | character >> 12U);
        put_trail(6);
        put_trail(0);
    } else {
        put(0xf0U | character >> 18U);
        put_trail(12);
        put_trail(6);
        put_trail(0);
    }
}

std::string replace_invalid_utf8(std::string_view bytes) {
    if (valid_utf8(bytes)) return std::string(bytes);
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto size = utf8_character_size(bytes);
        if (size > 0) {
            out.append(bytes.substr(0, size));
            bytes.remove_prefix(size);
            continue;
        }
        out += replacement_character;
        do bytes.remove_prefix(1);
        while (!bytes.empty() && is_trail(bytes[0]));
    }
    return out;
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes) {
    if (utf8.size() <= max_bytes) return utf8;
    // A character has at most three bytes after its first.
    auto size = max_bytes;
    for (int back = 0; back < 3 && size > 0 && is_trail(utf8[size]); ++back) --size;
    return utf8.substr(0, size);
}

std::string truncate_utf8(std::string_view utf8, std::size_t max_bytes) {
    return std::string(utf8_prefix(utf8, max_bytes));
}

}  // namespace hongyan::message
