// What can be done to one account. Each call is durable when it returns.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/annotations.h"
#include "store/changes.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/rights.h"
#include "store/types.h"
#include "store/uid_set.h"
#include "store/view.h"

namespace hongyan::store {

class Store;

struct NewMailbox {
    SpecialUse use = SpecialUse::none;
    bool subscribed = false;
};

enum class Children {
    forbid,     // conflict if there are any (RFC 9051 §6.3.4 with HASCHILDREN, RFC 8621 §2.5 mailboxHasChild)
    keep_name,  // the name stays, without messages, as \NoSelect (RFC 3501 §6.3.4)
};

struct FlagsChanged {
    std::vector<Entry> entries;  // as they are now, of all UIDs that are there; refused ones left out
    std::vector<ModSeq> before;  // the modseq that each of them had
    UidSet refused;              // changed after unchanged_since: MODIFIED of RFC 7162 §3.1.3
    ModSeq modseq;               // of the last transaction that changed something; 0 if none did
    Run run;
};

inline constexpr std::size_t max_flags_part = 64;

enum class Which { marked_deleted, all };

struct Expunged {
    UidSet uids;
    ModSeq modseq;  // 0 if there was nothing to do
};

// COPYUID (RFC 4315 §3): the n-th of `from` became the n-th of `to`.
struct Copied {
    UidValidity uid_validity;
    std::vector<Uid> from;
    std::vector<Uid> to;
    ModSeq modseq;
};

// Which of a message's flags come along with it; all of them, where none is given.
using Permitted = std::function<Flags(const Flags&)>;

// A handle, cheap to copy, for any thread; must not outlive the store. Calls block until their change is
// durable, so they belong on a worker. Work on many messages is cut into transactions that leave other
// accounts room; every such transaction leaves the account whole, and a failure leaves those before it.
class Account {
public:
    Account(Store& store, AccountId id) : store_(&store), id_(id) {}

    AccountId id() const { return id_; }
    View view() const;

    // Creates what is missing above it too (RFC 9051 §6.3.4). Error exists, or over_quota at max_mailboxes.
    Result<Mailbox> create(const MailboxName& name, const NewMailbox& wanted = {}) const;
    // With all that is below it; creates what is missing above the new name. Of INBOX, the messages move and
    // INBOX stays (RFC 9051 §6.3.6).
    Result<void> rename(MailboxId mailbox, const MailboxName& to) const;
    // With its messages. INBOX cannot be removed: denied.
    Result<void> remove(MailboxId mailbox, Children children = Children::forbid) const;
    // A name without a mailbox can be unsubscribed from, not subscribed to.
    Result<void> subscribe(const MailboxName& name, bool subscribed) const;
    // Error exists where another mailbox has that use. INBOX takes none.
    Result<void> set_special_use(MailboxId mailbox, SpecialUse use) const;
    Result<void> set_quota(const Quota& quota) const;

    // The mailbox's access control list (RFC 4314 §2); `grantee` is another account, or `anyone`. Errors:
    // not_found the mailbox, too_large at max_grants.
    Result<void> change_rights(MailboxId mailbox, AccountId grantee, const RightsChange& change) const;
    // Sets and removes annotations, all or none; gives their modseq, 0 if nothing changed. Of no_mailbox: of
    // the account itself. Errors: not_found, too_large a value, over_quota at max_annotations.
    Result<ModSeq> annotate(MailboxId mailbox, std::span<const Note> notes) const;
    // A subscription to a mailbox of another account, by the name that the protocol has for it.
    Result<void> subscribe_elsewhere(std::string_view name, bool subscribed) const;
    // Copies from another account, all or none; what is gone there is passed over. The bytes are not written
    // again.
    Result<Copied> take(const View& from, MailboxId mailbox, const UidSet& uids, MailboxId to,
                        const Permitted& permitted = {}) const;

    // All or none, in one transaction (RFC 3502 §6.3.11). Errors: not_found the mailbox, over_quota,
    // too_large for one transaction.
    Result<std::vector<Placed>> append(MailboxId mailbox, std::vector<NewMessage> messages) const;
    // The same for a caller that does not block: one part for the engine, which fills `placed`; once it is
    // durable the caller announces() the last of them. Errors: too_large.
    Result<engine::Part> append_part(MailboxId mailbox, std::vector<NewMessage> messages,
                                     std::shared_ptr<std::vector<Placed>> placed) const;

    // UIDs that are not there are passed over. A change that changes nothing takes no new modseq.
    Result<FlagsChanged> change_flags(MailboxId mailbox, const UidSet& uids, const FlagChange& change) const;
    // The same for a caller that does not block, and at most max_flags_part messages: one part for the
    // engine, which fills `changed`; once it is durable the caller announces() its modseq, unless that is 0.
    Result<engine::Part> change_flags_part(MailboxId mailbox, const UidSet& uids, const FlagChange& change,
                                           std::shared_ptr<FlagsChanged> changed) const;
    Result<Expunged> expunge(MailboxId mailbox, const UidSet& uids, Which which) const;
    // Takes what it copied back if it cannot copy all (RFC 9051 §6.4.7).
    Result<Copied> copy(MailboxId from, const UidSet& uids, MailboxId to,
                        const Permitted& permitted = {}) const;
    // Message by message whole: never in both, never in none (RFC 6851 §3.3).
    Result<Copied> move(MailboxId from, const UidSet& uids, MailboxId to) const;
    // The same for who needs to know how far it came: `moved` says so also where the rest fails.
    Result<void> move(MailboxId from, const UidSet& uids, MailboxId to, const Permitted& permitted,
                      Copied& moved) const;

    // The messages from the answer on are recent to the caller's session, and to no other (RFC 3501 §2.3.2).
    Result<Uid> claim_recent(MailboxId mailbox) const;

    // The full-text index follows deliveries at leisure: messages that are not in it yet are searched by
    // reading them. One portion of what there is to do, if at least so many messages are waiting or something
    // else is; true if there may be more. For a job in the background: a portion takes up to a second, and
    // seconds where large segments are merged. `stopped` is asked from time to time; then the error is
    // unavailable.
    Result<bool> index_portion(std::uint64_t at_least = 1, const std::function<bool()>& stopped = {}) const;
    // All of it: its messages are then not indexed.
    Result<void> forget_index() const;
    // What a TextIndex found to be damaged.
    Result<void> forget_segments(const std::vector<SegmentId>& segments) const;

    // Ends what was begun (removals that a crash cut short), forgets old changes and old delivery keys as the
    // store's limits say. For a job that visits every account about once a day.
    Result<void> tidy() const;

private:
    Store* store_;
    AccountId id_;
};

}  // namespace hongyan::store
