#include "store/upkeep.h"

#include "store/edit.h"
#include "store/grants.h"
#include "store/history.h"
#include "store/indexing.h"
#include "store/keys.h"
#include "store/notes.h"
#include "store/placement.h"
#include "store/reading.h"
#include "store/store.h"

namespace hongyan::store {
namespace {

constexpr std::size_t keys_at_once = 5'000;

Result<std::vector<MailboxId>> leaving_mailboxes(const engine::Reader& reader) {
    std::vector<MailboxId> leaving;
    TRY(each_below(reader, std::string(1, keys::mailbox_letter), [&](auto key, auto value) -> Result<void> {
        TRY(const auto mailbox, decode_mailbox(value));
        const auto id = keys::number_at<MailboxId>(key, keys::after_letter);
        if (id && mailbox.kind == MailboxState::Kind::leaving) leaving.push_back(*id);
        return {};
    }));
    return leaving;
}

// All at once would be a transaction too large.
Result<void> erase_all(Store& store, AccountId account, const std::vector<std::string>& keys) {
    for (std::size_t start = 0; start < keys.size(); start += keys_at_once) {
        const auto some = std::span(keys).subspan(start, std::min(keys_at_once, keys.size() - start));
        TRY(store.edit(account, [&](Edit& edit) -> Result<void> {
            for (const auto& key : some) edit.transaction().erase(key);
            return {};
        }));
    }
    return {};
}

// The floor rises first: from then on nobody reads what is erased next.
Result<ModSeq> raise_floor(Store& store, AccountId account) {
    ModSeq floor;
    TRY(store.edit(account, [&](Edit& edit) -> Result<void> {
        auto& state = edit.account();
        const auto history = store.limits().history;
        if (state.modseq.value() > history)
            state.history_floor = std::max(state.history_floor, ModSeq(state.modseq.value() - history));
        floor = state.history_floor;
        return {};
    }));
    return floor;
}

Result<void> trim_history(Store& store, AccountId account) {
    TRY(const auto floor, raise_floor(store, account));
    const auto snapshot = store.engine().snapshot(engine::Scope::account(account));
    std::vector<std::string> old;
    TRY(const auto mailboxes, mailboxes_with_log(*snapshot));
    for (const auto mailbox : mailboxes) {
        const auto cursor = snapshot->scan({keys::changes(mailbox), keys::change(mailbox, floor.next())});
        for (; cursor->valid(); cursor->next()) old.emplace_back(cursor->key());
        TRY(cursor->status());
    }
    return erase_all(store, account, old);
}

Result<void> forget_deliveries(Store& store, AccountId account) {
    const auto too_old = store.clock().now() - store.limits().delivery_memory;
    const auto snapshot = store.engine().snapshot(engine::Scope::account(account));
    std::vector<std::string> old;
    TRY(each_below(*snapshot, std::string(1, keys::delivery_letter),
                   [&](auto key, auto value) -> Result<void> {
                       TRY(const auto delivery, decode_delivery(value));
                       if (delivery.at < too_old) old.emplace_back(key);
                       return {};
                   }));
    return erase_all(store, account, old);
}

}  // namespace

Result<void> finish_removal(Store& store, AccountId account, MailboxId mailbox) {
    for (bool more = true; more;) {
        TRY(store.edit(account, [&](Edit& edit) -> Result<void> {
            TRY(const auto portion,
                read_portion(edit.transaction(), mailbox, UidSet::all(), {messages_at_once}));
            for (const auto& entry : portion.entries) TRY(take_out(edit, mailbox, entry));
            more = portion.next.has_value();
            if (more) return {};
            TRY(erase_grants(edit, mailbox));
            TRY(erase_annotations(edit, mailbox));
            edit.erase(mailbox);
            return {};
        }));
    }
    return {};
}

Result<void> Account::tidy() const {
    const auto snapshot = store_->engine().snapshot(engine::Scope::account(id_));
    TRY(const auto leaving, leaving_mailboxes(*snapshot));
    for (const auto mailbox : leaving) TRY(finish_removal(*store_, id_, mailbox));
    TRY(trim_history(*store_, id_));
    TRY(forget_deliveries(*store_, id_));
    return prune_index(*store_, id_);
}

Result<bool> Account::index_portion(std::uint64_t at_least, const std::function<bool()>& stopped) const {
    return store::index_portion(*store_, id_, at_least, stopped);
}

Result<void> Account::forget_index() const { return store::forget_index(*store_, id_); }

Result<void> Account::forget_segments(const std::vector<SegmentId>& segments) const {
    return store::forget_segments(*store_, id_, segments);
}

}  // namespace hongyan::store
