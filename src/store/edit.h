// One change of an account, inside one transaction. For this folder.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "engine/engine.h"
#include "store/changes.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/records.h"
#include "store/types.h"

namespace hongyan::store {

// Holds the account's and the mailboxes' records while they are worked on, hands out numbers, and keeps the
// log. finish() writes those records that differ from what was read.
class Edit {
public:
    // not_found where there is no such account, or it is being removed.
    static Result<Edit> begin(engine::Transaction& transaction);

    engine::Transaction& transaction() { return *transaction_; }
    AccountState& account() { return account_.now; }

    // The number of this change; taken from the account when first asked for.
    ModSeq modseq();
    // Zero if nothing asked for one.
    ModSeq modseq_taken() const { return modseq_; }

    // The mailbox may be changed until finish(). not_found where there is none, or it has been removed.
    Result<MailboxState*> mailbox(MailboxId id);
    // One that can hold messages; denied for a mere name.
    Result<MailboxState*> selectable(MailboxId id);
    // Whatever state it is in.
    Result<MailboxState*> any_mailbox(MailboxId id);
    MailboxId add(MailboxState mailbox);
    void erase(MailboxId id);
    // Later than all before, and close to the seconds since 1970 (RFC 9051 §2.3.1.1).
    UidValidity next_uid_validity(Instant now);

    // What happened to a message in a mailbox that this edit has loaded.
    void log(MailboxId mailbox, Change change, Uid uid, MessageId message);
    // What happened to the mailbox itself.
    void log(MailboxId mailbox, Change change);

    Result<void> finish();

private:
    template <typename State>
    struct Loaded {
        State now;
        std::string before;  // as it was read
    };

    explicit Edit(engine::Transaction& transaction) : transaction_(&transaction) {}

    engine::Transaction* transaction_;
    Loaded<AccountState> account_;
    std::map<MailboxId, Loaded<MailboxState>> mailboxes_;
    std::map<MailboxId, ChangeRecord> changes_;
    ModSeq modseq_;
};

}  // namespace hongyan::store
