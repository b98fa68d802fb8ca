// Mail in files of other programs, to be imported: mbox, Maildir and single messages (EML).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "message/mbox.h"

namespace hongyan::message {

enum class MailboxFile { message, mbox, maildir };

// What a path holds: a folder with cur/ or new/ is a Maildir; a file that begins with "From " is an mbox; a
// file that begins with a header field is a message. Nothing for anything else.
Result<std::optional<MailboxFile>> recognise(const std::filesystem::path& path);

// Reads whatever the path holds. A folder that is no Maildir is walked, in the order of names, and files in
// it that hold no mail are passed over; a path that is itself no mail is an error. Gives the number of
// messages.
Result<std::uint64_t> read_mailbox(const std::filesystem::path& path, const Visit& visit);

// The flags in a file name of Maildir: "1234.host:2,RS".
FoundFlags maildir_flags(std::string_view file_name);

}  // namespace hongyan::message
