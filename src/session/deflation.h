// DEFLATE in both directions (RFC 1951), as COMPRESS joins it to a session (RFC 4978).
#pragma once

#include <memory>

#include "session/filter.h"

namespace hongyan::session {

// Bytes that one holds: a window of 32 KB to read with, one of 8 KB to write with, and their tables.
inline constexpr std::size_t deflation_memory = std::size_t{100} * 1024;

// Null where there is no memory for it.
std::unique_ptr<Filter> make_deflation();

}  // namespace hongyan::session
