// Base32 (RFC 4648 §6) without padding: letters and digits that survive a change of case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::forward {

// Digits of 5 bits, the most significant first: the lowest 5 * `digits` bits of the number. At most 12
// digits.
std::string to_base32(std::uint64_t number, std::size_t digits);
// Of 1 to 12 digits, in any case; nothing on any other input.
std::optional<std::uint64_t> from_base32(std::string_view text);

}  // namespace hongyan::forward
