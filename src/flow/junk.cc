#include "flow/junk.h"

namespace hongyan::flow {

namespace {

Result<std::optional<store::MailboxId>> known_junk(store::Store& store, store::AccountId account,
                                                   const store::MailboxName& name) {
    TRY(const auto mailboxes, store.account(account).view().mailboxes());
    for (const auto& mailbox : mailboxes)
        if (mailbox.use == store::SpecialUse::junk && mailbox.selectable()) return mailbox.id;
    for (const auto& mailbox : mailboxes)
        if (mailbox.selectable() && mailbox.name == name) return mailbox.id;
    return std::nullopt;
}

}  // namespace

Result<store::MailboxId> junk_mailbox(store::Store& store, store::AccountId account) {
    const auto* const row = store::row_of(store::SpecialUse::junk);
    TRY(const auto name, store::MailboxName::parse(row->name));
    TRY(auto known, known_junk(store, account, name));
    if (known) return *known;
    const auto made = store.account(account).create(name, {.use = row->use, .subscribed = true});
    if (made) return made->id;
    if (made.error().kind == Error::Kind::over_quota) return store::inbox;
    TRY(known, known_junk(store, account, name));  // another message was faster
    if (known) return *known;
    return std::unexpected(made.error());
}

}  // namespace hongyan::flow
