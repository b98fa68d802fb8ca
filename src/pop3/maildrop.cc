#include "pop3/maildrop.h"

namespace hongyan::pop3 {

Result<Maildrop> open_maildrop(const store::Account& account) {
    const auto mail = account.view();
    TRY(const auto inbox, mail.mailbox(store::inbox));
    Maildrop maildrop{.uid_validity = inbox.uid_validity, .messages = {}};
    maildrop.messages.reserve(inbox.counts.messages);
    const auto list = [&](const store::Entry& entry) -> Result<void> {
        maildrop.messages.push_back({entry.uid, entry.message, entry.size});
        return {};
    };
    TRY(mail.each_entry(store::inbox, store::UidSet::all(), list));
    return maildrop;
}

Result<std::string> fetch_message(const store::Account& account, store::Uid uid) {
    const auto mail = account.view();
    TRY(const auto entry, mail.entry(store::inbox, uid));
    if (!entry) return fail(Error::Kind::not_found, "message {} is no longer in INBOX", uid.value());
    return mail.read(entry->message);
}

Result<void> remove_messages(const store::Account& account, const store::UidSet& uids) {
    TRY(account.expunge(store::inbox, uids, store::Which::all));
    return {};
}

}  // namespace hongyan::pop3
