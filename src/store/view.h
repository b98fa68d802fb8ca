// An account as it was at one moment: all that sessions read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/annotations.h"
#include "store/changes.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/rights.h"
#include "store/text_index.h"
#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::store {

class Roll;
class Rolls;

// What opening a mailbox asks of all its messages together.
struct Outline {
    UidSet uids;
    // How many messages stand before the first that is not \Seen.
    std::optional<std::uint32_t> before_first_unseen;
    std::vector<std::string> keywords;  // in use, each once; in no order
};

// Reads block for the disk. For one thread at a time; must not outlive the store. Keep it for one command,
// not for one session: the engine cannot forget what a view still sees.
class View {
public:
    // With `rolls`, what many messages have is read from memory where it is there. Who examines the disk
    // gives none.
    View(engine::Engine& engine, AccountId account, Rolls* rolls = nullptr);

    AccountId account() const { return account_; }
    // not_found where there is no such account.
    Result<AccountState> state() const;

    // In the order of their names, the removed ones left out.
    Result<std::vector<Mailbox>> mailboxes() const;
    Result<Mailbox> mailbox(MailboxId id) const;
    // Two views of an account with the same version see the same. Nothing where that is not known.
    std::optional<std::uint64_t> version() const { return snapshot_->version(); }
    // Of the last change of its messages; cheaper than all of the mailbox. not_found where it is gone.
    Result<ModSeq> highest_modseq(MailboxId id) const;
    Result<Mailbox> find(const MailboxName& name) const;
    // Names still subscribed to whose mailbox has been removed (RFC 9051 §6.3.7).
    Result<std::vector<MailboxName>> lost_subscriptions() const;

    // The mailbox's access control list, without its owner, who has all rights.
    Result<std::vector<Grant>> grants(MailboxId mailbox) const;
    // What that account may do with the mailbox; the owner, everything.
    Result<Rights> rights(MailboxId mailbox, AccountId user) const;
    // Of a mailbox, or of the account (no_mailbox), in the order of their names; removed ones too.
    Result<std::vector<Annotation>> annotations(MailboxId mailbox, AccountId of) const;
    // Names of mailboxes of other accounts that are subscribed to.
    Result<std::vector<std::string>> subscriptions_elsewhere() const;

    // Messages of a mailbox in the order of their UIDs. A callback that fails ends the walk with its error.
    using EachEntry = std::function<Result<void>(const Entry&)>;
    Result<void> each_entry(MailboxId mailbox, const UidSet& uids, const EachEntry& each) const;
    Result<std::vector<Entry>> entries(MailboxId mailbox, const UidSet& uids = UidSet::all()) const;
    Result<std::optional<Entry>> entry(MailboxId mailbox, Uid uid) const;
    Result<Outline> outline(MailboxId mailbox) const;

    // The same joined with what is kept of each message. The view is valid during the call.
    using EachMessage = std::function<Result<void>(const Entry&, const MessageView&)>;
    Result<void> each_message(MailboxId mailbox, const UidSet& uids, const EachMessage& each) const;
    // Of entries that an earlier view gave; those that are gone since are passed over.
    Result<void> each_message(MailboxId mailbox, std::span<const Entry> entries,
                              const EachMessage& each) const;

    Result<Message> message(MessageId id) const;
    // Which message it was first; itself, unless it has been copied from another account.
    Result<Origin> origin(const Entry& entry) const;
    // All bytes of the message: its prefix, then its content. corrupt where the disk has damaged them.
    Result<std::string> read(const MessageView& message) const;
    Result<std::string> read(MessageId id) const;

    // The full-text index. Must not outlive the view.
    Result<TextIndex> text_index() const;

    Result<MailboxChanges> changes(MailboxId mailbox, ModSeq since) const;
    // What happened to the mailbox's messages after `since`, oldest first, as far as its log reaches back. A
    // callback that fails ends the walk with its error.
    using EachChange = std::function<Result<void>(ModSeq, const ChangeRecord&)>;
    Result<void> each_change(MailboxId mailbox, ModSeq since, const EachChange& each) const;
    // Nothing where the logs no longer reach back to `since`, or `since` is not of this account.
    Result<std::optional<MessageChanges>> message_changes(ModSeq since) const;
    Result<std::optional<MailboxListChanges>> mailbox_changes(ModSeq since) const;

private:
    void confirm_roll(MailboxId mailbox, ModSeq modseq) const;
    // What is known to be what this view sees, without a look at the disk.
    std::shared_ptr<const Roll> roll_at_hand(MailboxId mailbox) const;
    Result<void> each_of_few(MailboxId mailbox, const UidSet& uids, const EachEntry& each) const;
    Result<void> one_message(MailboxId mailbox, const UidSet& uid, const EachMessage& each) const;
    // The mailbox as this view sees it; nothing where its messages are better read one by one.
    Result<std::shared_ptr<const Roll>> roll_for(MailboxId mailbox, std::uint64_t wanted) const;

    engine::Engine& engine_;
    AccountId account_;
    std::unique_ptr<engine::Snapshot> snapshot_;
    Rolls* rolls_;
};

}  // namespace hongyan::store
