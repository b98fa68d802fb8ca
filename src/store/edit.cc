#include "store/edit.h"

#include <algorithm>

#include "base/check.h"
#include "store/keys.h"
#include "store/reading.h"

namespace hongyan::store {

Result<Edit> Edit::begin(engine::Transaction& transaction) {
    Edit edit(transaction);
    TRY(edit.account_.now, read_account(transaction));
    if (edit.account_.now.leaving) return fail(Error::Kind::not_found, "the account is being removed");
    edit.account_.before = encode(edit.account_.now);
    return edit;
}

ModSeq Edit::modseq() {
    if (modseq_ == ModSeq()) {
        modseq_ = account().modseq.next();
        account().modseq = modseq_;
    }
    return modseq_;
}

Result<MailboxState*> Edit::any_mailbox(MailboxId id) {
    if (const auto loaded = mailboxes_.find(id); loaded != mailboxes_.end()) return &loaded->second.now;
    TRY(auto state, read_mailbox(*transaction_, id));
    auto before = encode(state);
    return &mailboxes_.emplace(id, Loaded<MailboxState>{std::move(state), std::move(before)})
                .first->second.now;
}

Result<MailboxState*> Edit::mailbox(MailboxId id) {
    TRY(auto* state, any_mailbox(id));
    if (state->kind == MailboxState::Kind::leaving)
        return fail(Error::Kind::not_found, "the mailbox {} has been removed", id);
    return state;
}

Result<MailboxState*> Edit::selectable(MailboxId id) {
    TRY(auto* state, mailbox(id));
    if (state->kind == MailboxState::Kind::name_only)
        return fail(Error::Kind::denied, "\"{}\" is only a name above other mailboxes", state->level);
    return state;
}

MailboxId Edit::add(MailboxState mailbox) {
    const auto id = account().next_mailbox;
    account().next_mailbox = id.next();
    mailboxes_[id].now = std::move(mailbox);
    return id;
}

void Edit::erase(MailboxId id) {
    mailboxes_.erase(id);
    transaction_->erase(keys::mailbox(id));
}

UidValidity Edit::next_uid_validity(Instant now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    const auto time =
        UidValidity(static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 1, UINT32_MAX)));
    account().last_uid_validity = std::max(time, account().last_uid_validity.next());
    return account().last_uid_validity;
}

void Edit::log(MailboxId mailbox, Change change, Uid uid, MessageId message) {
    const auto loaded = mailboxes_.find(mailbox);
    check(loaded != mailboxes_.end(), "a mailbox whose messages change has been loaded");
    loaded->second.now.highest_modseq = modseq();
    changes_[mailbox].add(change, uid, message);
}

void Edit::log(MailboxId mailbox, Change change) {
    modseq();
    changes_[no_mailbox].add(change, Uid(mailbox.value()), MessageId());
}

Result<void> Edit::finish() {
    const auto write = [&](std::string_view key, const auto& loaded) {
        auto bytes = encode(loaded.now);
        if (bytes != loaded.before) transaction_->put(key, bytes);
    };
    write(keys::account(), account_);
    for (const auto& [id, loaded] : mailboxes_) write(keys::mailbox(id), loaded);
    for (const auto& [id, record] : changes_) transaction_->put(keys::change(id, modseq_), encode(record));
    return {};
}

}  // namespace hongyan::store
