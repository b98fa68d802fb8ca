#include "admin/account_life.h"

namespace hongyan::admin {

Result<void> ensure_mailboxes(const Kept& kept, directory::AccountId id) {
    TRY(const auto account, kept.directory.account(id));
    const auto quota = kept.directory.quota_of(account);
    auto created = kept.store.create_account(id, {.bytes = quota.bytes, .messages = quota.messages});
    if (!created && created.error().kind == Error::Kind::exists) return {};
    return created;
}

Result<void> remove_account(const Kept& kept, directory::AccountId id) {
    TRY(kept.directory.change_account(id, {.disabled = true}));  // no mail arrives while it is being emptied
    if (auto removed = kept.store.remove_account(id);
        !removed && removed.error().kind != Error::Kind::not_found)
        return removed;
    return kept.directory.remove_account(id);
}

}  // namespace hongyan::admin
