// What an account's mailboxes are, as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/mailbox_name.h"
#include "store/types.h"

namespace hongyan::store {

// What a mailbox is for (RFC 6154 §2, RFC 8457 §3). At most one mailbox of an account has a given use.
enum class SpecialUse : std::uint8_t { none, archive, drafts, junk, sent, trash, all, flagged, important };

struct SpecialUseRow {
    SpecialUse use;
    std::string_view attribute;  // in LIST (RFC 6154 §2)
    std::string_view role;       // in JMAP (RFC 8621 §2); INBOX has the role "inbox"
    std::string_view name;       // of the mailbox created with each account; empty if there is none
};
inline constexpr std::array special_uses{
    SpecialUseRow{SpecialUse::archive, "\\Archive", "archive", "Archive"},
    SpecialUseRow{SpecialUse::drafts, "\\Drafts", "drafts", "Drafts"},
    SpecialUseRow{SpecialUse::junk, "\\Junk", "junk", "Junk"},
    SpecialUseRow{SpecialUse::sent, "\\Sent", "sent", "Sent"},
    SpecialUseRow{SpecialUse::trash, "\\Trash", "trash", "Trash"},
    SpecialUseRow{SpecialUse::all, "\\All", "all", ""},
    SpecialUseRow{SpecialUse::flagged, "\\Flagged", "flagged", ""},
    SpecialUseRow{SpecialUse::important, "\\Important", "important", ""},
};
// Nothing for `none`.
const SpecialUseRow* row_of(SpecialUse use);
// `attribute` with its backslash, in any case.
std::optional<SpecialUse> special_use_of(std::string_view attribute);

struct Counts {
    std::uint64_t messages = 0;
    std::uint64_t unseen = 0;
    std::uint64_t deleted = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
};

// What is kept of a mailbox.
struct MailboxState {
    enum class Kind : std::uint8_t {
        selectable,
        name_only,  // \NoSelect: what is left of a removed mailbox that has children (RFC 9051 §6.3.5)
        leaving,    // removed; its messages are being taken out. No longer seen by anybody.
    };

    MailboxId parent;   // no_mailbox at the top
    std::string level;  // its own part of the name
    Kind kind = Kind::selectable;
    SpecialUse use = SpecialUse::none;
    bool subscribed = false;
    UidValidity uid_validity;
    Uid uid_next{1};
    Uid first_recent{1};  // messages from here on have been shown to no session (RFC 3501 §2.3.2, \Recent)
    ModSeq created;
    ModSeq highest_modseq;  // of the last change of its messages (RFC 7162 §3.1.2)
    Counts counts;
    std::string unknown;  // fields of a newer version

    friend bool operator==(const MailboxState&, const MailboxState&) = default;
};

// A mailbox in the tree of its account.
struct Mailbox : MailboxState {
    MailboxId id;
    MailboxName name;
    bool has_children = false;  // as a listing of all mailboxes knows; false where one was asked for

    bool selectable() const { return kind == Kind::selectable; }
};

// Zero means no limit.
struct Quota {
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;

    friend bool operator==(const Quota&, const Quota&) = default;
};

// A message counts once, however many mailboxes it is in.
struct Usage {
    std::uint64_t bytes = 0;
    std::uint64_t messages = 0;

    friend bool operator==(const Usage&, const Usage&) = default;
};

// What is kept of an account as a whole.
struct AccountState {
    ModSeq modseq;  // of the last change
    MailboxId next_mailbox{1};
    MessageId next_message{1};
    UidValidity last_uid_validity;
    Usage usage;
    Quota quota;
    ModSeq history_floor;  // changes after this are in the logs; older ones may have been trimmed
    bool leaving = false;  // being removed: takes nothing new
    std::string unknown;   // fields of a newer version

    friend bool operator==(const AccountState&, const AccountState&) = default;
};

}  // namespace hongyan::store
