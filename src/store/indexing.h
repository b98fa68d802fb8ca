// Making and keeping the full-text index of an account: work that goes on beside deliveries, in portions, and
// may be cut short anywhere. For this folder.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "store/types.h"

namespace hongyan::store {

class Store;

// Messages in one segment as it is first made, and bytes of memory meanwhile: about.
inline constexpr std::uint64_t messages_in_portion = 1'024;
inline constexpr std::size_t memory_of_portion = std::size_t{16} << 20U;

// One portion of what there is to do: blocks that a crash left behind are erased, messages are indexed if at
// least so many are not yet, segments are merged where several small ones lie side by side. True if there may
// be more. `stopped` is asked before each of its transactions; then the error is unavailable, and nothing is
// lost.
Result<bool> index_portion(Store& store, AccountId account, std::uint64_t at_least,
                           const std::function<bool()>& stopped);

// Makes anew the segments of which most messages have been expunged.
Result<void> prune_index(Store& store, AccountId account);

// Forgets those segments, or all: their messages are not indexed any more.
Result<void> forget_segments(Store& store, AccountId account, const std::vector<SegmentId>& segments);
Result<void> forget_index(Store& store, AccountId account);

}  // namespace hongyan::store
