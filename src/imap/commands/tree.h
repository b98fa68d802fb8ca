// All mailboxes that a session's user may know of, as LIST and LSUB look through them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "imap/rights.h"
#include "imap/task.h"
#include "store/mailbox.h"
#include "store/view.h"

namespace hongyan::imap::commands {

struct Visible {
    store::Mailbox mailbox;  // `name`, `subscribed` and `has_children` as this user has them
    Rights rights;
    std::shared_ptr<const store::View> mail;  // null for a name above the mailboxes of others
};

struct Tree {
    std::vector<Visible> mailboxes;
    std::vector<store::MailboxName> lost;    // subscribed to, and there no more
    std::vector<store::MailboxName> levels;  // above what others share, and not shared; top first
};

// One's own in the order of their names, then what others share (RFC 4314 §4, LIST: what one may look up).
Result<Tree> read_tree(Desk& desk);

}  // namespace hongyan::imap::commands
