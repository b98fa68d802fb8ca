// A structure as it is kept in a summary (docs/formats/summary.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "message/structure.h"
#include "message/structure_view.h"

namespace hongyan::message {

std::string encode(const Structure& structure);

// `message_size` is that of the message described. Fails (corrupt) unless the parts fit into it and into each
// other.
Result<Structure> decode_structure(std::string_view record, std::uint64_t message_size);
// Into one that looks at the record.
Result<void> decode_structure(std::string_view record, std::uint64_t message_size, StructureView& structure);

}  // namespace hongyan::message
