// How reports are packed: gzip (RFC 1952), a ZIP archive with one file in it, or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::reports {

// What receivers commonly take is ten megabytes (RFC 7489 §7.2.1.1); reports of 50,000 rows have thirty.
inline constexpr std::size_t largest_text = std::size_t{32} << 20U;  // bytes

// The content. Never makes more than `most` bytes: too_large then. Invalid if it is damaged, or a ZIP archive
// with anything but one file.
Result<std::string> unpack(std::string_view octets, std::size_t most = largest_text);

}  // namespace hongyan::reports
