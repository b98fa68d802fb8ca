// Mailbox names in commands: one's own at the root, those of others in the Other Users' namespace (RFC 2342).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "imap/rights.h"
#include "imap/task.h"
#include "store/mailbox.h"
#include "store/mailbox_name.h"
#include "store/view.h"

namespace hongyan::imap::commands {

// A trailing hierarchy separator taken off: it says that mailboxes will be made below (RFC 3501 §6.3.3).
std::string_view without_separator(std::string_view text);

// "Other Users/ann@example.test/INBOX": the first level, then the owner's name, then the owner's own name
// for the mailbox.
inline constexpr std::string_view others_level = "Other Users";
// The NAMESPACE response (RFC 2342 §5).
std::string namespaces(const Standing& standing);
store::MailboxName name_of_others(const std::string& owner, const store::MailboxName& name);

// Whose mailbox it would be, and what its owner calls it.
struct Spot {
    store::Account account;
    store::MailboxName name;
    bool is_own = true;
};

// `text` as it came, a trailing hierarchy separator taken off: it says that mailboxes will be made below (RFC
// 3501 §6.3.3). Errors: invalid, not_found where there is no such owner.
Result<Spot> locate(Desk& desk, std::string_view text);

// A mailbox, and what this session's user may do with it.
struct Place {
    store::Account account;
    store::Mailbox mailbox;
    Rights rights;
};

// not_found where there is none, or none that the user may know of (RFC 4314 §6); denied without one of the
// rights.
Result<Place> find_place(Desk& desk, std::string_view name, Rights needed);
// not_found too where there is only a name (\Noselect).
Result<Place> find_selectable(Desk& desk, std::string_view name, Rights needed);

// Whether a mailbox may be made, or moved, there: the nearest mailbox above it decides (RFC 4314 §4, CREATE).
Result<void> permit_creation(Desk& desk, const Spot& spot);

// The mailbox that is selected, if any is, is so no longer, and the client hears it (RFC 7162 §3.2.11,
// CLOSED).
void leave(Desk& desk);

}  // namespace hongyan::imap::commands
