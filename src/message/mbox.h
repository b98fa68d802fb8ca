// Many messages in one file: mbox, in the variants that are found (RFC 4155).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace hongyan::message {

// The system flags (RFC 9051 §2.3.2) that a file can tell.
struct FoundFlags {
    bool seen = false;
    bool answered = false;
    bool flagged = false;
    bool draft = false;
    bool deleted = false;

    friend bool operator==(const FoundFlags&, const FoundFlags&) = default;
};

struct FoundMessage {
    std::string_view raw;  // the message's bytes; valid during the call
    FoundFlags flags;
    std::optional<Instant> internal_date;  // of the From_ line, else of the file
};

// Called for every message in turn; an error ends the reading and is its result.
using Visit = std::function<Result<void>(const FoundMessage&)>;

// An mbox in memory (RFC 4155 and its "rd" quoting). A line that begins with "From " and holds a time of day
// and a year separates messages at the start and after an empty line; the empty line belongs to the
// separator. Content-Length is not believed. One ">" is taken off lines of ">"s followed by "From "; all
// other bytes, CRLF included, stay as they are.
Result<void> read_mbox(std::string_view mbox, const Visit& visit);

// A message as it is appended to an mbox: the From_ line, the message with "From " lines quoted, an empty
// line. Read again it is the same message, as long as it ends with a line end; else it gains one.
std::string mbox_entry(std::string_view raw, std::string_view sender, Instant received);

}  // namespace hongyan::message
