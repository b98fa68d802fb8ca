#include "dsn/typed_address.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/encoded_word.h"
#include "message/utf8.h"

namespace hongyan::dsn {

namespace {

// QCHAR = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e   RFC 6533 §3
bool is_qchar(char c) { return c > ' ' && c < '\x7f' && c != '+' && c != '=' && c != '\\'; }

// HEXPOINT has at least two digits, upper case, without further leading zeros (RFC 6533 §3).
std::string embedded(char32_t character) {
    return fmt::format("\\x{{{:02X}}}", static_cast<std::uint32_t>(character));
}

// EmbeddedUnicodeChar = "\x{" HEXPOINT "}" at the front of the text, which loses it.
std::optional<char32_t> take_embedded(std::string_view& text) {
    constexpr std::size_t most_digits = 6;
    if (!ascii::istarts_with(text, "\\x{")) return std::nullopt;
    const auto end = text.find('}');
    if (end == std::string_view::npos || end == 3 || end > 3 + most_digits) return std::nullopt;
    std::uint32_t number = 0;
    const auto [stop, error] = std::from_chars(text.data() + 3, text.data() + end, number, 16);
    const bool is_surrogate = number >= 0xD800 && number <= 0xDFFF;
    if (error != std::errc{} || stop != text.data() + end || is_surrogate || number > 0x10FFFF)
        return std::nullopt;
    text.remove_prefix(end + 1);
    return static_cast<char32_t>(number);
}

// Each character of the text goes through `put`; what is no UTF-8 has been replaced.
template <typename Put>
std::string each_character(std::string_view text, Put put) {
    const auto utf8 = message::replace_invalid_utf8(text);
    std::string out;
    for (std::string_view rest = utf8; !rest.empty();) {
        const auto size = std::max<std::size_t>(message::utf8_character_size(rest), 1);
        put(out, rest.substr(0, size));
        rest.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string to_utf8_xtext(std::string_view utf8) {
    return each_character(utf8, [](std::string& out, std::string_view character) {
        if (character.size() == 1 && is_qchar(character.front()))
            out += character;
        else
            out += embedded(message::utf8_code_point(character));
    });
}

std::string from_utf8_xtext(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (const auto character = take_embedded(text)) {
            message::append_utf8(out, *character);
            continue;
        }
        out += text.front();
        text.remove_prefix(1);
    }
    return out;
}

std::string to_ascii_text(std::string_view text) {
    return each_character(text, [](std::string& out, std::string_view character) {
        if (character == message::replacement_character)
            out += '?';
        else if (character.size() > 1)
            out += embedded(message::utf8_code_point(character));
        else
            out += ascii::is_control(character.front()) ? ' ' : character.front();
    });
}

TypedAddress parse_typed_address(std::string_view text) {
    const auto semicolon = text.find(';');
    TypedAddress parsed{.type = "rfc822", .address = std::string(ascii::trim(text))};
    if (semicolon != std::string_view::npos) {
        parsed.type.clear();
        for (const char c : ascii::trim(text.substr(0, semicolon))) parsed.type += ascii::lower(c);
        parsed.address = ascii::trim(text.substr(semicolon + 1));
    }
    if (parsed.type == "utf-8")
        if (auto plain = from_utf8_xtext(parsed.address); message::valid_utf8(plain))
            parsed.address = std::move(plain);
    return parsed;
}

TypedAddress typed_address(std::string_view address) {
    return {.type = message::is_ascii(address) ? "rfc822" : "utf-8", .address = std::string(address)};
}

std::string to_string(const TypedAddress& address, Letters letters) {
    const bool is_utf8 = address.type == "utf-8" && message::valid_utf8(address.address);
    if (letters == Letters::utf8)
        return message::one_line(address.type) + ";" + message::one_line(address.address);
    return to_ascii_text(address.type) + ";" +
           (is_utf8 ? to_utf8_xtext(address.address) : to_ascii_text(address.address));
}

}  // namespace hongyan::dsn
