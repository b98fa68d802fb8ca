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
// The recipient's index; corrupt if it is not the key of one.
Result<std::uint32_t> index_of_key(std::string_view key);
bool is_entry_key(std::string_view key);

// Without its recipients, which have records of their own: there may be many, and each changes by itself.
std::string encode(const Entry& entry);
Result<Entry> decode_entry(EntryId id, std::string_view record);
std::string encode(const Recipient& recipient);
Result<Recipient> decode_recipient(std::string_view record);

// One recipient of one entry.
struct Attemptable {
    EntryId id;
    std::uint32_t index = 0;

    friend auto operator<=>(const Attemptable&, const Attemptable&) = default;
};

std::string lease_key(EntryId id, std::uint32_t index);
Result<Attemptable> who_of_lease_key(std::string_view key);
std::string encode(const Lease& lease);
Result<Lease> decode_lease(std::string_view record);

// How many recipients of an entry are not final; kept where there are several.
std::string remaining_key(EntryId id);
std::string encode_count(std::uint64_t count);
Result<std::uint64_t> decode_count(std::string_view value);

// What is in the queue: of an account, or of all.
struct Usage {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const Usage&, const Usage&) = default;
};
std::string usage_key(std::string_view account);
std::string encode(const Usage& usage);
Result<Usage> decode_usage(std::string_view record);

}  // namespace hongyan::queue
