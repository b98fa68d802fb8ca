// The queue's keys and records as they lie in the global scope: docs/formats/queue.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "queue/entry.h"

namespace hongyan::queue {

// All keys begin with "q", which sets the queue apart from others in the scope. An entry and its recipients
// lie together, in the order of arrival.
inline constexpr std::string_view key_prefix = "q";
std::string entry_key(EntryId id);
std::string recipient_key(EntryId id, std::uint32_t index);
// The id of either key; corrupt if it is none of ours.
Result<EntryId> id_of_key(std::string_view key);
bool is_entry_key(std::string_view key);

// Without its recipients, which have records of their own: there may be many, and each changes by itself.
std::string encode(const Entry& entry);
Result<Entry> decode_entry(EntryId id, std::string_view record);
std::string encode(const Recipient& recipient);
Result<Recipient> decode_recipient(std::string_view record);

}  // namespace hongyan::queue
