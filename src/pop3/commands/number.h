// Message numbers as arguments.
#pragma once

#include <optional>

#include "base/scanner.h"
#include "pop3/session.h"

namespace hongyan::pop3::commands {

struct Asked {
    MessageNumber number;
    Listed message;
};

// The number that the argument ends with. Where it is none, or no message has it, the client has been told.
std::optional<Asked> read_message_number(Session& session, Scanner in);

// LAST will speak of it (RFC 1460).
void note_access(Transaction& transaction, MessageNumber number);

}  // namespace hongyan::pop3::commands
