// Sizes and times with their units, as people write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace hongyan::config {

inline constexpr std::uint64_t KiB = 1024;
inline constexpr std::uint64_t MiB = 1024 * KiB;
inline constexpr std::uint64_t GiB = 1024 * MiB;
inline constexpr std::uint64_t TiB = 1024 * GiB;

// "64 MiB", "10 MB", "512 B", "0".
Result<std::uint64_t> parse_bytes(std::string_view text);
// In the largest binary unit that needs no fraction.
std::string bytes_to_string(std::uint64_t bytes);

// "5 min", "500 ms", "7 d", "0".
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string duration_to_string(std::chrono::milliseconds duration);

}  // namespace hongyan::config
