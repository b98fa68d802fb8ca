// An account lives in two places: its name and password in the directory, its mail in the store. What is half
// done after a crash is finished by the same call, or by `store check --repair`.
#pragma once

#include "admin/services.h"

namespace hongyan::admin {

// Makes both; an account that the directory has and the store has not gets its mailboxes.
Result<void> ensure_mailboxes(const Kept& kept, directory::AccountId id);
// The same for many, in few commits: an outcome for each, in their order.
std::vector<Result<void>> ensure_mailboxes(const Kept& kept, std::span<const directory::AccountId> ids);

// The mail first, so that a name never leads to an account that is only half there.
Result<void> remove_account(const Kept& kept, directory::AccountId id);

}  // namespace hongyan::admin
