// What a session has come to know and to agree on with its client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "imap/annotations.h"
#include "imap/language.h"
#include "imap/message_limit.h"
#include "imap/notify.h"
#include "imap/own_changes.h"
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
    // The command that is going on has changed something in the selected mailbox, or is about to: its client
    // hears what came of that, whatever it has said by NOTIFY.
    bool has_changed_something = false;
    OwnChanges own_changes;                   // of that command
    bool condstore = false;                   // the client understands MODSEQ (RFC 7162 §3.1)
    bool qresync = false;                     // it has enabled QRESYNC (RFC 7162 §3.2.3); condstore too then
    bool rev2 = false;                        // it has enabled IMAP4rev2 (RFC 9051 §6.3.1)
    bool utf8 = false;                        // it has enabled UTF8=ACCEPT (RFC 6855 §3)
    bool uid_only = false;                    // it has enabled UIDONLY (RFC 9586)
    Language language = Language::i_default;  // in which it is spoken to (RFC 5255 §3)
    wire::MailboxNames names = wire::MailboxNames::modified_utf7;

    // Header fields beyond ASCII go to and come from who has enabled nothing: quirk "raw-headers".
    bool raw_headers = false;
    std::uint64_t append_limit = 0;  // octets of a message that the client may bring (RFC 7889)
    MessageLimits message_limits;    // of one command
    std::size_t most_watched = 0;    // mailboxes, by NOTIFY

    // There may be something to tell of besides the selected mailbox.
    bool wants_news() const { return annotations.is_wanted() || notify.watches_others(); }
    // It is to be told also while the client gives no command (RFC 5465 §3.1).
    bool wants_news_at_once() const {
        return notify.watches_others() || (notify.is_set() && notify.selected() && mailbox);
    }

    // Header fields beyond ASCII may be brought, and are told as they stand (RFC 6855 §4, §8; RFC 9051 §5.1).
    bool takes_utf8_headers() const { return utf8 || rev2 || raw_headers; }
    // RFC 9051 has no \Recent, nor RECENT.
    bool tells_recent() const { return !rev2; }
    // Who counts on MODSEQ is told UIDs too, whatever the command (RFC 7162 §3.2.4); who speaks IMAP4rev2
    // with whatever comes unasked (RFC 9051 §7.5.2).
    Manner manner(SetOf of) const {
        const bool with_flags = !notify.is_set() || (notify.selected() && notify.selected()->flags);
        return {.with_uid = condstore || rev2 || of == SetOf::uids || notify.is_set(),
                .with_modseq = condstore,
                .removals_by_uid = qresync || uid_only,
                .with_flags = with_flags,
                .with_recent = tells_recent(),
                .named_by = uid_only ? SetOf::uids : SetOf::numbers};
    }
    State state() const {
        return mailbox ? State::selected : account ? State::authenticated : State::not_authenticated;
    }
};

}  // namespace hongyan::imap
