// Messages of the selected mailbox into another one, which may be of another account.
#pragma once

#include "imap/commands/names.h"
#include "imap/task.h"
#include "store/account.h"

namespace hongyan::imap::commands {

// All or none. Flags that the user may not set in the target stay behind (RFC 4314 §4).
Result<store::Copied> copy_to(Desk& desk, const UidSet& uids, const Place& target);
// Each message whole: `moved` says which have been moved, also where the rest fails. The modseq is that of
// the selected mailbox's account. Between two accounts a message is in both for a moment, and stays so if
// what came cannot be taken out again.
Result<void> move_to(Desk& desk, const UidSet& uids, const Place& target, store::Copied& moved);

}  // namespace hongyan::imap::commands
