// The keys of what a search has found, for SORT and THREAD.
#pragma once

#include <memory>
#include <vector>

#include "imap/command_table.h"
#include "imap/commands/found.h"
#include "imap/message_keys.h"
#include "imap/progress.h"

namespace hongyan::imap::commands {

class Keyed {
public:
    // `cache` may be null.
    Keyed(std::shared_ptr<KeyCache> cache, KeyKinds kinds, std::string tag)
        : cache_(std::move(cache)), kinds_(kinds), progress_(std::move(tag)) {}

    // Reads keys, a portion at a time. True: that was the last one.
    Result<bool> bring_forward(Desk& desk);

    // Calls with the keys, locked, and where each of `found` stands in them. Who has gone meanwhile is taken
    // out of `found`, which is in the order of the mailbox.
    template <typename Use>
    auto with(Found& found, Use use) {
        const auto lock = keys_->lock();
        const auto places = places_of(found);
        return use(*keys_, places);
    }

    const std::shared_ptr<MessageKeys>& keys() const { return keys_; }

private:
    std::vector<std::size_t> places_of(Found& found) const;

    std::shared_ptr<KeyCache> cache_;
    KeyKinds kinds_;
    std::shared_ptr<MessageKeys> keys_;
    Progress progress_;
};

}  // namespace hongyan::imap::commands
