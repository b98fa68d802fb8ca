// What the records of the queue have in common. For this folder.
#pragma once

#include "base/record.h"
#include "message/utf8.h"
#include "queue/entry.h"

namespace hongyan::queue {

inline constexpr std::uint32_t record_version = 1;

inline std::uint64_t to_number(Instant when) {
    return static_cast<std::uint64_t>(when.time_since_epoch().count());
}
inline Instant to_instant(std::uint64_t number) {
    return Instant(std::chrono::milliseconds(static_cast<std::int64_t>(number)));
}

inline std::unexpected<Error> corrupt(std::string_view what) {
    return fail(Error::Kind::corrupt, "the queue's {} is damaged", what);
}

// As much of what a peer has said as a record keeps: whatever he says, hundreds fit into a transaction.
inline std::string_view kept_of_reply(std::string_view reply) {
    constexpr std::size_t most = 2000;
    return message::utf8_prefix(reply, most);
}

// A number below `end` as a value of an enumeration; false if it is none.
template <typename Choice>
bool take_choice(RecordReader& in, Choice last, Choice& out) {
    const auto number = in.number();
    if (number > static_cast<std::uint64_t>(last)) return false;
    out = static_cast<Choice>(number);
    return true;
}

inline bool take_priority(RecordReader& in, int& out) {
    const auto priority = bytes::unzigzag(in.number());
    if (priority < least_priority || priority > most_priority) return false;
    out = static_cast<int>(priority);
    return true;
}

// What absent fields say, where that is not what a new value has.
template <typename Value>
Value before_reading() {
    return {};
}
template <>
inline Entry before_reading<Entry>() {
    Entry entry;
    entry.ordered = false;
    return entry;
}

// Reads a record whose fields `take(Value&, RecordReader&, bool& damaged)` knows.
template <typename Value, typename Take>
Result<Value> decode_record(std::string_view record, std::string_view what, Take take) {
    Value value = before_reading<Value>();
    bool damaged = false;
    RecordReader in(record);
    while (in.next()) take(value, in, damaged);
    if (in.failed() || damaged) return corrupt(what);
    return value;
}

}  // namespace hongyan::queue
