// A message on its way in by APPEND or REPLACE.
#pragma once

#include <expected>

#include "imap/rights.h"
#include "imap/task.h"
#include "imap/wire/values.h"
#include "store/message.h"

namespace hongyan::imap::commands {

// Octets of messages that a session's own thread prepares: more would keep its other sessions waiting.
inline constexpr std::size_t soon_prepared = std::size_t{128} << 10U;  // some 0.5 ms

// Can it be made ready without reading anything from the disk, and soon?
bool is_brief(const wire::AppendMessage& message);

// BAD before anything is done: a flag that nobody may set. Nothing where it may be tried.
std::optional<Completion> objection(const wire::AppendMessage& message);

// Put together and made ready to be kept, with the flags that the rights in the mailbox allow (RFC 4314 §4);
// or how the command ends: NO with BADURL, TOOBIG (RFC 4469 §4), UNKNOWN-CTE (RFC 3516 §4.4), or because the
// header is beyond ASCII and the client has not enabled that (RFC 6855 §4).
std::expected<store::NewMessage, Completion> make_ready(Desk& desk, const wire::AppendMessage& wanted,
                                                        Rights rights);

}  // namespace hongyan::imap::commands
