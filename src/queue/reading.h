// Entries with their recipients, as they lie behind each other. For this folder.
#pragma once

#include "queue/records.h"

namespace hongyan::queue {

// The entries of a range of keys, each with its recipients and their leases; `limit` of them at most.
Result<std::vector<Entry>> read_entries(const engine::Reader& reader, const engine::Range& range,
                                        std::size_t limit);
// not_found if there is none.
Result<Entry> read_entry(const engine::Reader& reader, EntryId id);

}  // namespace hongyan::queue
