// What a session has come to know and to agree on with its client.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "imap/annotations.h"
#include "imap/notify.h"
#include "imap/people.h"
#include "imap/selected.h"
#include "imap/wire/parser.h"

namespace hongyan::imap {

// RFC 3501 §3. Logout is the session's end.
enum class State { not_authenticated, authenticated, selected };

// Belongs to the session; used by the worker that runs a command while the session waits for it.
struct Standing {
    std::string user;                         // the account's name; empty before log-in
    std::optional<store::AccountId> account;  // set by log-in
    std::shared_ptr<const People> people;     // null: nothing is shared
    std::optional<Selected> mailbox;
    AnnotationNews annotations;
    Notify notify;
    // The command that is going on has changed something that NOTIFY would tell of (RFC 5465 §5).
    bool has_changed_something = false;
    bool condstore = false;  // the client understands MODSEQ (RFC 7162 §3.1)
    bool qresync = false;    // it has enabled QRESYNC (RFC 7162 §3.2.3); condstore too then
    wire::MailboxNames names = wire::MailboxNames::modified_utf7;

    // There may be something to tell of besides the selected mailbox.
    bool wants_news() const { return annotations.is_wanted() || notify.watches_others(); }
    // It is to be told also while the client gives no command (RFC 5465 §3.1).
    bool wants_news_at_once() const {
        return notify.watches_others() || (notify.is_set() && notify.selected() && mailbox);
    }

    // Who counts on MODSEQ is told UIDs too, whatever the command (RFC 7162 §3.2.4).
    Manner manner(SetOf of) const {
        const bool with_flags = !notify.is_set() || (notify.selected() && notify.selected()->flags);
        return {.with_uid = condstore || of == SetOf::uids || notify.is_set(),
                .with_modseq = condstore,
                .removals_by_uid = qresync,
                .with_flags = with_flags};
    }
    State state() const {
        return mailbox ? State::selected : account ? State::authenticated : State::not_authenticated;
    }
};

}  // namespace hongyan::imap
