// FETCH (RFC 3501 §6.4.5, RFC 7162 §3.1.4, §3.2.6).
#pragma once

#include "imap/commands/messages.h"
#include "imap/wire/values.h"

namespace hongyan::imap::commands {

struct ToFetch {
    Messages messages;
    wire::FetchArguments arguments;
    bool has_limit = true;  // RFC 9738 §3.1; else all is told, since the client could not ask for the rest
    Uid known_removals{0};  // up to this UID the client knows what is gone (RFC 7162 §3.2.5.2)
};

// In portions; marks \Seen what it shows. VANISHED (EARLIER) comes before the first FETCH response.
Job fetching(ToFetch wanted);

}  // namespace hongyan::imap::commands
