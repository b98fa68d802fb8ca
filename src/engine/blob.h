// What stands between the content of a blob and the frame that is kept.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/engine.h"

namespace hongyan::engine {

inline constexpr std::uint64_t max_blob_size = std::uint64_t{1} << 31U;  // bytes; no mail comes near

// The content of a frame whose content has `size` bytes: what the record says, never what the frame claims.
// corrupt if the frame is damaged or of another size. `before` is put before it.
Result<std::string> unpack_frame(std::string_view frame, bool compressed, std::uint64_t size,
                                 std::string_view before = {});

}  // namespace hongyan::engine
