// Where the queue's things are in the engine's global scope: docs/formats/queue.md.
#pragma once

#include <string_view>

namespace hongyan::queue::keys {

// Entries and their recipients begin with "q" (records.h), all else with "Q".
inline constexpr std::string_view ready = "Qr";
inline constexpr std::string_view sleeping = "Qs";
inline constexpr std::string_view leases = "Ql";  // + entry id, index: Lease
inline constexpr std::string_view epoch = "Qe";   // how often any node has begun
inline constexpr std::string_view alive = "Qa";   // + node: until when it is known to be alive
inline constexpr std::string_view remaining =
    "Qo";                                        // + entry id: recipients not final, where there are several
inline constexpr std::string_view tally = "Qt";  // recipients by where they stand
inline constexpr std::string_view destination_counts = "Qd";  // + destination: recipients not final
inline constexpr std::string_view by_destination = "Qi";      // + destination, 0, entry id, index: address
inline constexpr std::string_view by_sender = "Qj";           // + sender or account, 0, entry id
inline constexpr std::string_view usage = "Qc";               // + account; none: of all
inline constexpr std::string_view ordered = "Qv";  // present: no entries of an older program are left
// The epoch at which a program that counts began last: another one has been there since if it is not the
// last.
inline constexpr std::string_view counted_epoch = "Qk";
inline constexpr std::string_view reserved_ids = "Qn";  // the first entry id that is not reserved for anybody
inline constexpr std::string_view pauses = "Qp";        // + destination; none: all
inline constexpr std::string_view history = "Qh";       // + entry id, index, number: Record
inline constexpr std::string_view mentions = "Qx";      // + text, 0, entry id: where it is told of
inline constexpr std::string_view suppressed = "Qu";    // + account, 0, address: Suppression

}  // namespace hongyan::queue::keys
