// Where junk goes.
#pragma once

#include "store/store.h"

namespace hongyan::flow {

// The account's mailbox for junk (RFC 6154 §2), made where it is missing. One that is only called so will do;
// INBOX where the account may have no more mailboxes. Blocks, for a commit where it is made.
Result<store::MailboxId> junk_mailbox(store::Store& store, store::AccountId account);

}  // namespace hongyan::flow
