#include "store/url_keys.h"

#include <vector>

#include "store/edit.h"
#include "store/keys.h"

namespace hongyan::store {
Result<std::optional<std::string>> find_url_key(const Store& store, AccountId account, MailboxId mailbox) {
    return store.engine().snapshot(engine::Scope::account(account))->get(keys::url_key(mailbox));
}

Result<std::string> need_url_key(Store& store, AccountId account, MailboxId mailbox, std::string_view fresh) {
    TRY(auto known, find_url_key(store, account, mailbox));
    if (known) return *std::move(known);
    std::string key;
    TRY(store.edit(account, [&](Edit& edit) -> Result<void> {
        TRY(edit.mailbox(mailbox));
        TRY(auto meanwhile, edit.transaction().get(keys::url_key(mailbox)));
        key = std::move(meanwhile).value_or(std::string(fresh));
        edit.transaction().put(keys::url_key(mailbox), key);
        return {};
    }));
    return key;
}

Result<void> reset_url_key(Store& store, AccountId account, MailboxId mailbox, std::string_view fresh) {
    return store.edit(account, [&](Edit& edit) -> Result<void> {
        TRY(edit.mailbox(mailbox));
        edit.transaction().put(keys::url_key(mailbox), fresh);
        return {};
    });
}

// An account has a few thousand mailboxes at the most, and most of them never a key.
Result<void> remove_url_keys(Store& store, AccountId account) {
    return store.edit(account, [&](Edit& edit) -> Result<void> {
        std::vector<std::string> present;
        const auto cursor = edit.transaction().scan(engine::Range::starting_with(keys::url_keys()));
        for (; cursor->valid(); cursor->next())
            if (keys::is_url_key(cursor->key())) present.emplace_back(cursor->key());
        TRY(cursor->status());
        for (const auto& key : present) edit.transaction().erase(key);
        return {};
    });
}

}  // namespace hongyan::store
