// For which use a mailbox may be (RFC 6154 §2), whichever command asks for it.
#pragma once

#include <optional>

#include "base/result.h"
#include "imap/completion.h"
#include "imap/wire/values.h"
#include "store/mailbox.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// The use that these attributes name; none where there are none of them. Nothing where `mailbox`, no_mailbox
// where it is yet to be made, cannot have it: one mailbox has one use here, and one use one mailbox.
Result<std::optional<store::SpecialUse>> use_for(const store::View& mail, store::MailboxId mailbox,
                                                 const wire::FlagNames& attributes);

// NO to whoever would give another's mailboxes a use: uses are a user's own (RFC 6154 §2).
Completion not_the_owner();

}  // namespace hongyan::imap::commands
