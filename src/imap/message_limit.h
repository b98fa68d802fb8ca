// How many messages one command may be about (RFC 9738).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "imap/completion.h"
#include "store/uid_set.h"

namespace hongyan::imap {

// 0: without bound.
struct MessageLimits {
    // Whatever names messages: FETCH, SEARCH, STORE, COPY, MOVE and their twins, UID EXPUNGE, APPEND.
    std::uint32_t any = 0;
    // COPY and APPEND alone; means nothing beside the other (RFC 9738 §3).
    std::uint32_t saved = 0;

    std::uint32_t of_saving() const { return any != 0 ? any : saved; }
    friend bool operator==(const MessageLimits&, const MessageLimits&) = default;
};

// "MESSAGELIMIT=1000", "SAVELIMIT=1000", or nothing.
std::string capability_of(const MessageLimits& limits);

// What a command has left out: all that it was about below this UID.
struct CutShort {
    std::uint32_t most;
    store::Uid lowest;  // that it looks at
};
// Keeps the highest `most` of `uids`; nothing where that is all of them, or where `most` is 0.
std::optional<CutShort> cut_short(store::UidSet& uids, std::uint32_t most);

// How a command ends that has been cut short: OK tells so in its code. Where that says something else, and
// where the command failed in part, an untagged NO in `out` tells it before (RFC 9738 §3.1).
Completion ended(std::string& out, Completion completion, const std::optional<CutShort>& cut);

// The command is done for all of its messages or for none, and they are too many.
Completion too_many(std::uint32_t most, std::optional<store::Uid> lowest = std::nullopt);

}  // namespace hongyan::imap
