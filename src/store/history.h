// Reading the change logs. For this folder.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/changes.h"
#include "store/types.h"

namespace hongyan::store {

Result<MailboxChanges> mailbox_changes_since(const engine::Reader& reader, MailboxId mailbox, ModSeq since);
Result<std::optional<MessageChanges>> message_changes_since(const engine::Reader& reader, ModSeq since);
Result<std::optional<MailboxListChanges>> mailbox_list_changes_since(const engine::Reader& reader,
                                                                     ModSeq since);

// The log of one mailbox after `since`, oldest first.
using EachChange = std::function<Result<void>(ModSeq, const ChangeRecord&)>;
Result<void> each_change(const engine::Reader& reader, MailboxId mailbox, ModSeq since,
                         const EachChange& each);

// All mailboxes that have a log, removed ones and no_mailbox too.
Result<std::vector<MailboxId>> mailboxes_with_log(const engine::Reader& reader);

}  // namespace hongyan::store
