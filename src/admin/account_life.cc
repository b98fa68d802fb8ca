#include "admin/account_life.h"

namespace hongyan::admin {

Result<void> ensure_mailboxes(const Kept& kept, directory::AccountId id) {
    return std::move(ensure_mailboxes(kept, std::span(&id, 1)).front());
}

std::vector<Result<void>> ensure_mailboxes(const Kept& kept, std::span<const directory::AccountId> ids) {
    std::vector<Result<void>> outcomes(ids.size());
    std::vector<store::Store::Opening> openings;
    std::vector<std::size_t> places;  // of the openings among the outcomes
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto account = kept.directory.account(ids[i]);
        if (account) {
            const auto quota = kept.directory.quota_of(*account);
            openings.push_back({ids[i], {.bytes = quota.bytes, .messages = quota.messages}});
            places.push_back(i);
        } else {
            outcomes[i] = std::unexpected(account.error());
        }
    }
    auto created = kept.store.create_accounts(openings);
    for (std::size_t i = 0; i < created.size(); ++i)
        if (!created[i] && created[i].error().kind != Error::Kind::exists)
            outcomes[places[i]] = std::move(created[i]);
    return outcomes;
}

Result<void> remove_account(const Kept& kept, directory::AccountId id) {
    TRY(kept.directory.change_account(id, {.disabled = true}));  // no mail arrives while it is being emptied
    if (auto removed = kept.store.remove_account(id);
        !removed && removed.error().kind != Error::Kind::not_found)
        return removed;
    return kept.directory.remove_account(id);
}

}  // namespace hongyan::admin
