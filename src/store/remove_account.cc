// Taking an account out of the store, in as many transactions as it needs. The first one closes the account,
// the last one forgets it; called again after a crash, the rest is taken out.
#include "store/grants.h"
#include "store/keys.h"
#include "store/reading.h"
#include "store/records.h"
#include "store/store.h"

namespace hongyan::store {
namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::size_t keys_at_once = 500;

Result<void> close(Transaction& transaction) {
    TRY(auto account, read_account(transaction));
    account.leaving = true;
    transaction.put(keys::account(), encode(account));
    return {};
}

// What is damaged here no longer matters to the account; `store check` finds a blob that nobody refers to.
void release_blob(Transaction& transaction, std::string_view key, std::string_view record) {
    const bool is_message = key.starts_with(keys::message_letter) && key.size() == keys::message_key_size;
    if (!is_message) return;
    const auto message = decode_message(MessageId(), record);
    if (message) (void)transaction.release(message->blob);
}

// Some of what there is besides the account's own record; false when nothing is left.
Result<bool> erase_some(Transaction& transaction) {
    std::vector<std::pair<std::string, std::string>> some;
    const auto cursor = transaction.scan({});
    for (; cursor->valid() && some.size() < keys_at_once; cursor->next())
        if (cursor->key() != keys::account()) some.emplace_back(cursor->key(), cursor->value());
    TRY(cursor->status());
    for (const auto& [key, value] : some) {
        release_blob(transaction, key, value);
        transaction.erase(key);
    }
    return !some.empty();
}

// Nobody is to look for what it shared.
Result<void> unlist(engine::Engine& engine, AccountId id) {
    const auto snapshot = engine.snapshot(Scope::account(id));
    TRY(const auto grantees, all_grantees(*snapshot));
    return engine.transact(Scope::global(), [&](Transaction& transaction) -> Result<void> {
        for (const auto grantee : grantees) transaction.erase(keys::sharer(grantee, id));
        return {};
    });
}

Result<void> forget(engine::Engine& engine, AccountId id) {
    const auto erase = [](std::string key) {
        return [key = std::move(key)](Transaction& transaction) -> Result<void> {
            transaction.erase(key);
            return {};
        };
    };
    const auto outcomes = engine.transact(
        {{Scope::account(id), erase(keys::account())}, {Scope::global(), erase(keys::holder(id))}},
        engine::Together::all_or_none);
    for (const auto& outcome : outcomes) TRY(outcome);
    return {};
}

}  // namespace

Result<void> Store::remove_account(AccountId id) {
    TRY(engine_.transact(Scope::account(id), close));
    TRY(unlist(engine_, id));
    for (bool more = true; more;)
        TRY(engine_.transact(Scope::account(id), [&](Transaction& transaction) -> Result<void> {
            TRY(more, erase_some(transaction));
            return {};
        }));
    return forget(engine_, id);
}

}  // namespace hongyan::store
