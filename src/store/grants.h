// The access control lists of an account's mailboxes as keys and values. For this folder.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/edit.h"
#include "store/rights.h"

namespace hongyan::store {

// Of one mailbox, in the order of account ids; `anyone` first.
Result<std::vector<Grant>> read_grants(const engine::Reader& reader, MailboxId mailbox);
// The rights of an account that is not the owner: its own and those of everybody together.
Result<Rights> read_rights(const engine::Reader& reader, MailboxId mailbox, AccountId user);

void put_grant(Edit& edit, MailboxId mailbox, const Grant& grant);
// A new mailbox has the list of the one above it (RFC 4314 §4, CREATE).
Result<void> inherit_grants(Edit& edit, MailboxId parent, MailboxId mailbox);
Result<void> erase_grants(Edit& edit, MailboxId mailbox);

// Does any mailbox of the account give that grantee anything?
Result<bool> gives_anything(const engine::Reader& reader, AccountId grantee);
// All to whom mailboxes of the account give something.
Result<std::vector<AccountId>> all_grantees(const engine::Reader& reader);

}  // namespace hongyan::store
