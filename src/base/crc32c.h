// CRC-32C (Castagnoli; RFC 3720 §12.1): shows that bytes came back from disk as they went.
#pragma once

#include <cstdint>
#include <string_view>

namespace hongyan {

// The checksum of what `so_far` covers followed by `bytes`; start with nothing.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t so_far = 0);

}  // namespace hongyan
