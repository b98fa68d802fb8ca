// DEFLATE in both directions (RFC 1951), as COMPRESS joins it to a session (RFC 4978).
#pragma once

#include <memory>

#include "base/budget.h"
#include "session/filter.h"

namespace hongyan::session {

// Bytes that one holds: a window of 32 KB to read with, one of 8 KB to write with, and their tables.
inline constexpr std::size_t deflation_memory = std::size_t{100} * 1024;

// Null where there is no memory for it. It holds `memory`, the share of it that is counted, as long as it
// lives.
std::unique_ptr<Filter> make_deflation(Share memory = Share());

}  // namespace hongyan::session
