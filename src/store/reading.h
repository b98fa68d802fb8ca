// What views and transactions both read. For this folder.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/records.h"
#include "store/types.h"
#include "store/uid_set.h"

namespace hongyan::store {

// not_found where there is none.
Result<AccountState> read_account(const engine::Reader& reader);
Result<MailboxState> read_mailbox(const engine::Reader& reader, MailboxId id);
Result<std::optional<Entry>> read_entry(const engine::Reader& reader, MailboxId mailbox, Uid uid);
Result<HomesRecord> read_homes(const engine::Reader& reader, MessageId id);

// The mailbox with that name directly below `parent`.
Result<std::optional<MailboxId>> read_child(const engine::Reader& reader, MailboxId parent,
                                            std::string_view level);
Result<std::vector<MailboxId>> read_children(const engine::Reader& reader, MailboxId parent);
Result<std::optional<MailboxId>> read_path(const engine::Reader& reader, const MailboxName& name);
// From the top down to the mailbox. corrupt where parents lead in a circle.
Result<MailboxName> read_name(const engine::Reader& reader, const MailboxState& mailbox);

// Calls with key and value of everything below `prefix`.
Result<void> each_below(const engine::Reader& reader, std::string_view prefix,
                        const std::function<Result<void>(std::string_view, std::string_view)>& each);

// The records of a mailbox's messages, in the order of UIDs.
class EntryWalk {
public:
    EntryWalk(const engine::Reader& reader, MailboxId mailbox, const UidSet& uids);

    // Nothing at the end; the entry is valid until the next call.
    Result<const Entry*> next();
    // Bytes that the present entry takes in the store.
    std::size_t entry_size() const { return entry_size_; }

private:
    bool find();

    MailboxId mailbox_;
    UidSet uids_;
    std::size_t range_ = 0;
    std::unique_ptr<engine::Cursor> cursor_;
    bool started_ = false;
    Entry entry_;
    std::size_t entry_size_ = 0;
};

// The records of messages, cheapest when asked for in ascending order.
class MessageWalk {
public:
    explicit MessageWalk(const engine::Reader& reader);

    // corrupt where it is missing. Valid until the next call.
    Result<MessageView> at(MessageId id);

private:
    bool find(MessageId id);
    Result<std::string_view> record();

    std::unique_ptr<engine::Cursor> cursor_;
    std::string pieces_;
};

// Messages for one transaction, and where the next one goes on.
struct Portion {
    std::vector<Entry> entries;
    std::optional<Uid> next;
};
struct PortionLimits {
    std::size_t messages;
    std::size_t bytes_each = 0;  // written for a message besides its entry
};
Result<Portion> read_portion(const engine::Reader& reader, MailboxId mailbox, const UidSet& uids,
                             const PortionLimits& limits);

}  // namespace hongyan::store
