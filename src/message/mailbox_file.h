// Messages in files of other programs: mbox, Maildir and single messages, to import and export.
#pragma once

#include <cstdint>
#include <filesystem>
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

enum class MailboxFile { message, mbox, maildir };

// What a path holds: a folder with cur/ or new/ is a Maildir; a file that begins with "From " is an mbox; a
// file that begins with a header field is a message. Nothing for anything else.
Result<std::optional<MailboxFile>> recognise(const std::filesystem::path& path);

// Reads whatever the path holds. A folder that is no Maildir is walked, in the order of names, and files in
// it that hold no mail are passed over; a path that is itself no mail is an error. Gives the number of
// messages.
Result<std::uint64_t> read_mailbox(const std::filesystem::path& path, const Visit& visit);

// An mbox in memory (RFC 4155 and its "rd" quoting). A line that begins with "From " and holds a time of day
// and a year separates messages at the start and after an empty line; the empty line belongs to the
// separator. Content-Length is not believed. One ">" is taken off lines of ">"s followed by "From "; all
// other bytes, CRLF included, stay as they are.
Result<void> read_mbox(std::string_view mbox, const Visit& visit);

// The flags in a file name of Maildir: "1234.host:2,RS".
FoundFlags maildir_flags(std::string_view file_name);

// A message as it is appended to an mbox: the From_ line, the message with "From " lines quoted, an empty
// line. Read again it is the same message, as long as it ends with a line end; else it gains one.
std::string mbox_entry(std::string_view raw, std::string_view sender, Instant received);

}  // namespace hongyan::message
