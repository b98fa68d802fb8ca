// What is to be attempted, and where it stands in the order of attempts.
#pragma once

#include "queue/entry.h"

namespace hongyan::queue {

// A recipient whose time has come, or will come: all that a scheduler needs, without reading the entry.
struct Due {
    EntryId id;
    std::uint32_t index = 0;  // of the recipient
    std::string destination;
    std::string lane;
    int priority = 0;
    Instant due{};
    std::uint64_t size = 0;      // of the message, in bytes
    std::uint32_t attempts = 0;  // made so far
    bool requiretls = false;     // RFC 8689

    friend bool operator==(const Due&, const Due&) = default;
};

Due due_of(const Entry& entry, const Recipient& recipient);

// A recipient that is waiting has one key: among those that are ready, or among those that sleep.
//
// Ready ones lie by destination, lane, priority (the highest first) and time, so that who looks for work
// skips from destination to destination and from lane to lane, however much lies between.
std::string ready_key(const Due& due);
std::string ready_prefix();
std::string ready_prefix(std::string_view destination);
std::string ready_prefix(std::string_view destination, std::string_view lane);
// The first key beyond those of a destination, or of one of its lanes.
std::string beyond(std::string prefix);
// Of a key that begins with ready_prefix(); nothing: it is damaged.
std::optional<std::string> destination_of_ready(std::string_view key);
Result<Due> decode_ready(std::string_view key, std::string_view value);
std::string encode_ready(const Due& due);

// Sleeping ones lie by time.
std::string sleeping_key(const Due& due);
std::string sleeping_prefix();
// The first key of those that are due later.
std::string sleeping_after(Instant when);
Result<Due> decode_sleeping(std::string_view key, std::string_view value);
std::string encode_sleeping(const Due& due);

}  // namespace hongyan::queue
