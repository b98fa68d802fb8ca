// What a command has done itself, which is no news to its client (RFC 5465 §5). What others do meanwhile is.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::imap {

// Belongs to the session's standing; noted by the worker that runs the command.
struct OwnChanges {
    using Key = std::pair<store::AccountId, store::MailboxId>;
    std::set<Key> names;  // has been made, renamed, removed, subscribed to there, or rights given
    std::map<store::AccountId, std::set<store::ModSeq>> metadata;
    std::map<Key, store::UidSet> messages;  // have come or gone there
};

}  // namespace hongyan::imap
