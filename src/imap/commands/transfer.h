// Messages of the selected mailbox into another one, which may be of another account.
#pragma once

#include "imap/commands/names.h"
#include "imap/task.h"
#include "store/account.h"

namespace hongyan::imap::commands {

// All or none. Flags that the user may not set in the target stay behind (RFC 4314 §4).
Result<store::Copied> copy_to(Desk& desk, const UidSet& uids, const Place& target);
// Within an account message by message whole; to another account a message may be in both if a fault comes
// between. The modseq is that of the selected mailbox's account.
Result<store::Copied> move_to(Desk& desk, const UidSet& uids, const Place& target);

}  // namespace hongyan::imap::commands
