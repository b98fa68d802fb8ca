// Mailbox names in commands.
#pragma once

#include <string_view>

#include "base/result.h"
#include "store/mailbox.h"
#include "store/mailbox_name.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// A name as it came, a trailing hierarchy separator taken off: it says that mailboxes will be made below (RFC
// 3501 §6.3.3).
Result<store::MailboxName> parse_name(std::string_view text);

// not_found where there is none, or one that is only a name (\Noselect).
Result<store::Mailbox> find_selectable(const store::View& mail, std::string_view name);

}  // namespace hongyan::imap::commands
