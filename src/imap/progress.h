// How far a command has come that takes its time (RFC 9585).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/uid_set.h"

namespace hongyan::imap {

// Messages that a command changes before it says how far it has come: some tenths of a second.
inline constexpr std::size_t changed_at_once = 5'000;
// The first of them, or the last, which are then no longer in `left`.
enum class From { lowest, highest };
store::UidSet take_portion(store::UidSet& left, From end = From::lowest);

// Says so from time to time, so that the client neither gives up nor shows nothing.
class Progress {
public:
    explicit Progress(std::string tag) : tag_(std::move(tag)) {}

    // "* OK [INPROGRESS (tag done goal)] …" where enough time has passed since the last, or since the first
    // call. `done` is less than `goal` and does not go back.
    void tell(std::string& out, Instant now, std::uint64_t done, std::uint64_t goal);

private:
    std::string tag_;
    std::optional<Instant> told_;
};

}  // namespace hongyan::imap
