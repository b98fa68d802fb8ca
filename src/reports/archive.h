// Reports that others have sent, as they are kept.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "engine/engine.h"
#include "reports/reading.h"

namespace hongyan::reports {

inline constexpr std::uint64_t most_kept = 20'000;    // then others give way to a new one
inline constexpr std::size_t largest_kept = 800'000;  // bytes, compressed; engine::max_transaction_size

// How a report came.
struct Arrival {
    Instant when{};
    std::string author = {};  // the domain of the mail's author; empty: not known
    bool vouched = false;     // DMARC says that it comes from there; of TLS: it is signed
    // The author's domain has signed it (DKIM); nothing: that is not known. Not kept.
    std::optional<bool> is_signed = {};
};

struct Kept {
    // Twelve hexadecimal digits, of the kind, the reporter, his report's id and the domain; also of
    // the owner where another owner's report says the same of itself.
    std::string id = {};
    Outline outline = {};
    Arrival arrival = {};
    std::uint64_t size = 0;  // bytes of its text
};

// A report that is to be kept.
struct Filing {
    Kept kept;
    std::string packed;  // its text, compressed
};
// Errors are those of read_report(), too_large, and denied for a report of TLS that its author's domain has
// not signed: RFC 8460 §3 has it ignored.
Result<Filing> file_report(std::string_view octets, Arrival arrival);

enum class Filed {
    anew,
    // One of the same owner that says the same of itself is there, and this one is no better vouched for.
    // Those of different owners are kept beside each other.
    known,
    no_room,  // nobody gives way to it
};
struct Keeping {
    Filed filed = Filed::anew;
    std::vector<Kept> displaced = {};  // that gave way to it
    std::string id = {};               // under which it is kept; empty: it is not
};
// Durable on return. Where there are `most` already the oldest give way, some at once, of those that nobody
// vouches for. Where all are vouched for they give way only to another one: the oldest of the owner from
// whose domains most have come, so that one owner does not drive out the reports of others (giving_way.h).
// What gives way or finds no room is counted among the losses. A damaged report of the same id is put aside,
// and counted too.
Result<Keeping> keep(engine::Engine& engine, const Filing& filing, std::uint64_t most = most_kept);
// The same as a part of a commit, in which nobody hears what came of it. Looks now for those who give way:
// where they have changed when the part is worked on, the report finds no room.
Result<engine::Part> part_to_keep(engine::Engine& engine, Filing filing, std::uint64_t most = most_kept);

// Damaged records are passed over. False ends the walk.
Result<void> each_kept(const engine::Reader& reader, const std::function<bool(const Kept&)>& visit);
Result<Report> read_kept(const engine::Reader& reader, std::string_view id);
// Removes what came before that, with bounded transactions; how many.
Result<std::uint64_t> forget_kept(engine::Engine& engine, Instant before);

std::string to_record(const Kept& kept);
// Without its id, which is in the key.
Result<Kept> kept_from_record(std::string_view record);

}  // namespace hongyan::reports
