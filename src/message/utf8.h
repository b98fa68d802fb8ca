// UTF-8 (RFC 3629) without tables or libraries: is it, where does a character end, how is one written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

// What stands for bytes that cannot be read: U+FFFD.
inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";

// How many bytes at the front are ASCII; many at a time, unlike ascii::all_ascii.
std::size_t ascii_prefix_size(std::string_view bytes);
bool is_ascii(std::string_view bytes);

// Well-formed as RFC 3629 §4 wants it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes);

// How many bytes the well-formed character at the front takes; 0 if there is none.
std::size_t utf8_character_size(std::string_view bytes);

// The character's code point; `bytes` begins with a well-formed one.
char32_t utf8_code_point(std::string_view bytes);

// Appends a character; a surrogate or a number that is no code point becomes U+FFFD.
void append_utf8(std::string& out, char32_t character);

// The text with every byte that is not UTF-8 replaced by U+FFFD, one for each broken sequence.
std::string replace_invalid_utf8(std::string_view bytes);

// The longest front part of at most `max_bytes` that does not end inside a character.
std::string_view utf8_prefix(std::string_view utf8, std::size_t max_bytes);
std::string truncate_utf8(std::string_view utf8, std::size_t max_bytes);

}  // namespace hongyan::message
