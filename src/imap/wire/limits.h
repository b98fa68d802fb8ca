// What one client may make us keep before we have understood it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hongyan::imap::wire {

struct Limits {
    // Octets of a command without the message of an APPEND. RFC 7162 §4 asks for at least 8,192; sets of UIDs
    // that real clients send reach some 50,000.
    std::size_t command = std::size_t{128} * 1024;
    // Octets of a literal that is not a message: names, search texts, passwords.
    std::uint64_t literal = std::uint64_t{16} * 1024;
    // Octets of the literal of an APPEND.
    std::uint64_t message = std::uint64_t{50} * 1024 * 1024;
    // Octets of a literal that comes unasked: LITERAL- (RFC 7888 §5), which is also what strangers get.
    std::uint64_t unasked = 4096;
    // A refused literal that is already under way is read and thrown away up to here; beyond, we hang up.
    std::uint64_t thrown_away = std::uint64_t{100} * 1024 * 1024;

    friend bool operator==(const Limits&, const Limits&) = default;
};

// Keys within keys of one SEARCH: people write two or three levels, programs some ten.
inline constexpr int max_search_depth = 50;
// Of one SEARCH, one FETCH: real clients ask for a hundred header fields, not for thousands of anything.
inline constexpr std::size_t max_search_keys = 2'000;
inline constexpr std::size_t max_sort_criteria = 20;
inline constexpr std::size_t max_fetch_items = 200;
inline constexpr std::size_t max_header_names = 500;
// Parts within parts in BODY[1.2.3…]: as deep as message/structure.h goes.
inline constexpr std::size_t max_part_depth = 101;
// Ranges in one set; the command's size allows no more than some 60,000.
inline constexpr std::size_t max_set_ranges = 50'000;
inline constexpr std::size_t max_flags = 200;
inline constexpr std::size_t max_list_patterns = 100;
inline constexpr std::size_t max_notify_events = 20;
inline constexpr std::size_t max_notify_groups = 20;
inline constexpr std::size_t max_notify_mailboxes = 200;
inline constexpr std::size_t max_metadata_entries = 100;
inline constexpr std::size_t max_searched_names = 1'000;
inline constexpr std::size_t max_quota_limits = 20;
// Messages of one APPEND, parts of one of them: more belong into another command.
inline constexpr std::size_t max_appended_messages = 1'000;
inline constexpr std::size_t max_catenated_parts = 1'000;

}  // namespace hongyan::imap::wire
