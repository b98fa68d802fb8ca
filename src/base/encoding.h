// Bytes as text, for headers, log-ins and listings: base64 (RFC 4648 §4) and hexadecimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hongyan {

std::string to_base64(std::string_view bytes);
// Strict: canonical padding, no white space; nothing on any other input. Bodies are decoded by message/.
std::optional<std::string> from_base64(std::string_view text);
// The same with white space anywhere, and with any padding from none to "==".
std::optional<std::string> from_folded_base64(std::string_view text);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace hongyan
