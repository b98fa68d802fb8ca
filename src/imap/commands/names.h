// Mailbox names in commands.
#pragma once

#include <string_view>

#include "base/result.h"
#include "imap/task.h"
#include "store/mailbox.h"
#include "store/mailbox_name.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// A name as it came, a trailing hierarchy separator taken off: it says that mailboxes will be made below (RFC
// 3501 §6.3.3).
Result<store::MailboxName> parse_name(std::string_view text);

// not_found where there is none, or one that is only a name (\Noselect).
Result<store::Mailbox> find_selectable(const store::View& mail, std::string_view name);

// The mailbox that is selected, if any is, is so no longer, and the client hears it (RFC 7162 §3.2.11,
// CLOSED).
void leave(Desk& desk);

}  // namespace hongyan::imap::commands
