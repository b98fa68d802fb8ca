// What a client has asked to be told all the time (RFC 5465), and what it has been told.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "imap/wire/notify_parser.h"
#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::imap {

struct Desk;

// What a command has done itself, which is no news to its client (RFC 5465 §5). What others do meanwhile is.
struct OwnChanges {
    using Key = std::pair<store::AccountId, store::MailboxId>;
    std::set<Key> names;  // has been made, renamed, removed, subscribed to there, or rights given
    std::map<store::AccountId, std::set<store::ModSeq>> metadata;
    std::map<Key, store::UidSet> messages;  // have come or gone there
};

// A mailbox as the client knows it.
struct NotifiedMailbox {
    std::string name;
    bool selectable = true;
    bool readable = true;  // else the client hears that it has no access, and of no event
    bool subscribed = false;
    bool has_children = false;
    store::UidValidity uid_validity;
    store::Uid uid_next;
    std::uint64_t messages = 0;
    std::uint64_t unseen = 0;
    store::ModSeq highest_modseq;
};

// Belongs to the session's standing; used by its worker. The cost of one look is that of a LIST, and only
// where an account has changed.
class Notify {
public:
    // As if NOTIFY NONE had been given (RFC 5465 §5.8).
    static Notify none() {
        Notify notify;
        notify.is_set_ = true;
        return notify;
    }

    // Whether NOTIFY has been given: then it says what the client hears of the selected mailbox too.
    bool is_set() const { return is_set_; }
    bool watches_others() const { return watches_others_; }
    // Nothing: no events of messages.
    const std::optional<wire::NotifyEvents>& selected() const { return selected_; }
    bool is_delayed() const { return is_delayed_; }

    // Replaces what was asked for; what there is now, the client knows. With `status` it is told all of it.
    Result<void> begin(Desk& desk, const wire::NotifyArguments& wanted);
    // What has changed since is told, but for what this client has done itself. Where it cannot be looked at
    // it is told the next time; where there are too many mailboxes, that is the end of it.
    Result<void> tell(Desk& desk);
    // The client asks for more than can be told: as after NOTIFY NONE, and it hears so (RFC 5465 §5.8).
    void stop(std::string& out);

    // Accounts whose changes matter besides the user's own.
    std::vector<store::AccountId> accounts_elsewhere() const;

private:
    using Key = OwnChanges::Key;
    using Snapshot = std::map<Key, NotifiedMailbox>;
    using ModSeqs = std::map<store::AccountId, store::ModSeq>;
    struct Known {
        Snapshot mailboxes;
        Snapshot left;    // were watched before, and are there, but are none of those asked for any more
        ModSeqs modseqs;  // of the accounts; of those that were known from before they were looked at
    };

    Result<void> look(Desk& desk, Known& known) const;
    Result<Known> look_at_all(Desk& desk) const;
    wire::NotifyEvents events_for(const Key& key, const NotifiedMailbox& mailbox,
                                  store::AccountId home) const;
    Result<bool> is_changed(Desk& desk);
    Result<void> tell_of(Desk& desk, const Key& key, const NotifiedMailbox* before,
                         const NotifiedMailbox* now);
    static Result<bool> are_all_own(Desk& desk, const Key& key, const NotifiedMailbox& before);
    static bool tell_access(Desk& desk, const Key& key, const NotifiedMailbox* before,
                            const NotifiedMailbox* now);
    void tell_name(Desk& desk, const NotifiedMailbox* before, const NotifiedMailbox* now);
    void tell_leaving(Desk& desk, const Key& key, const NotifiedMailbox& before, const NotifiedMailbox& now);
    Result<void> tell_metadata(Desk& desk, const ModSeqs& before) const;

    bool is_set_ = false;
    bool watches_others_ = false;
    bool is_delayed_ = false;
    std::optional<wire::NotifyEvents> selected_;
    std::vector<wire::NotifyGroup> groups_;  // but for the selected mailbox
    Known known_;
    // Old and new names of what was renamed, while that is told.
    std::vector<std::pair<std::string, std::string>> renamed_;
};

}  // namespace hongyan::imap
