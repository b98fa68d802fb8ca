// Changing the flags of many messages, for a caller that needs to know how far it came.
#pragma once

#include "store/account.h"

namespace hongyan::store {

// As Account::change_flags(), and on a worker like it. What has become durable is added to `achieved`, also
// where the rest fails: entries, refusals, the run.
Result<void> change_flags(Store& store, AccountId account, MailboxId mailbox, const UidSet& uids,
                          const FlagChange& change, FlagsChanged& achieved);

}  // namespace hongyan::store
