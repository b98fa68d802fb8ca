// What a client has asked to be told all the time (RFC 5465), and what it has been told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "imap/name_changes.h"
#include "imap/watched.h"
#include "imap/wire/notify_parser.h"

namespace hongyan::imap {

struct Desk;

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
    using Key = Watched::Key;

    Result<void> look(Desk& desk, Watched& found) const;
    Result<Watched> look_at_all(Desk& desk) const;
    bool is_watched(const Key& key, const NotifiedMailbox& mailbox, store::AccountId home) const;
    wire::NotifyEvents events_for(const Key& key, const NotifiedMailbox& mailbox,
                                  store::AccountId home) const;
    Result<bool> is_changed(Desk& desk);
    void tell_differences(Desk& desk, const Watched& before);
    void tell_of(Desk& desk, const Key& key, const NotifiedMailbox* before, const NotifiedMailbox* now);
    static bool are_all_own(Desk& desk, const Key& key, const NotifiedMailbox& before);
    bool tell_access(Desk& desk, const Key& key, const NotifiedMailbox* before,
                     const NotifiedMailbox* now) const;
    void tell_name(Desk& desk, const NotifiedMailbox* before, const NotifiedMailbox* now) const;
    void tell_crossing(Desk& desk, const Key& key, const NotifiedMailbox& before, const NotifiedMailbox& now,
                       const NotifiedMailbox& watched) const;
    void tell_metadata(Desk& desk, const Watched& before) const;

    bool is_set_ = false;
    bool watches_others_ = false;
    bool is_delayed_ = false;
    std::optional<wire::NotifyEvents> selected_;
    std::vector<wire::NotifyGroup> groups_;  // but for the selected mailbox
    Watched known_;
    NameChanges names_;  // while they are told
};

}  // namespace hongyan::imap
