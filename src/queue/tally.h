// How much waits and where, counted in the transactions that change it, so that nobody has to walk the queue
// to know. For this folder. The counts are for people: one that cannot be read keeps no mail from moving.
#pragma once

#include "queue/records.h"

namespace hongyan::queue {

// Of recipients, as long as their entry is there.
struct Tally {
    std::uint64_t ready = 0, asleep = 0, leased = 0, held = 0, finished = 0;

    friend bool operator==(const Tally&, const Tally&) = default;
};
// By how much it changes.
struct Change {
    std::int64_t ready = 0, asleep = 0, leased = 0, held = 0, finished = 0;
};
void count(engine::Transaction& transaction, const Change& change);
Result<Tally> read_tally(const engine::Reader& reader);
std::string encode(const Tally& tally);
Result<Tally> decode_tally(std::string_view record);

// --- What is found by what ---

// The entry is found by its senders and its account, from now on, or no longer.
void enlist(engine::Transaction& transaction, const Entry& entry);
void strike(engine::Transaction& transaction, const Entry& entry);
Result<bool> is_enlisted(const engine::Transaction& transaction, const Entry& entry);
// The recipient, who is not done with, is found by its destination and its domain, and counted there; or no
// longer.
void enlist(engine::Transaction& transaction, EntryId id, const Recipient& recipient);
void strike(engine::Transaction& transaction, EntryId id, const Recipient& recipient);

// The keys of recipients by destination or domain: their value is the address.
std::string by_destination_prefix(std::string_view name);
std::string by_destination_key(std::string_view name, EntryId id, std::uint32_t index);
// The keys of entries by sender or account.
std::string by_sender_prefix(std::string_view name);
std::string by_sender_key(std::string_view name, EntryId id);
// The entry of such a key, of which `prefix` is the beginning.
Result<EntryId> id_behind(std::string_view prefix, std::string_view key);

// How many recipients a destination has; the name of such a key.
std::string destination_count_key(std::string_view name);
std::string_view destination_of_count(std::string_view key);

// Of keys::ordered, when everything in the queue is counted and listed; older programs wrote "1".
inline constexpr std::string_view all_is_counted = "2";

}  // namespace hongyan::queue
