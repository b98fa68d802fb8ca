// Changing flags, for a caller that needs to know how far it came, or has read the messages itself.
#pragma once

#include <memory>
#include <vector>

#include "store/account.h"

namespace hongyan::store {

// As Account::change_flags(), and on a worker like it. What has become durable is added to `achieved`, also
// where the rest fails: entries, refusals, the run.
Result<void> change_flags(Store& store, AccountId account, MailboxId mailbox, const UidSet& uids,
                          const FlagChange& change, FlagsChanged& achieved);

// Messages of a mailbox as somebody has read them, all that there are of those he wanted, and the mailbox's
// highest modseq then: as long as that stands, so do they.
struct AsRead {
    std::vector<Entry> entries;
    ModSeq at;
};

// As Account::change_flags_part(), but the messages are not read again where they have not changed since.
Result<engine::Part> change_flags_part(AccountId account, MailboxId mailbox, const UidSet& uids,
                                       const FlagChange& change, AsRead known,
                                       std::shared_ptr<FlagsChanged> changed);

}  // namespace hongyan::store
