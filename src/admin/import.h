// Messages from files of other programs into a mailbox, many to a commit.
#pragma once

#include <future>
#include <optional>

#include "base/clock.h"
#include "message/mailbox_file.h"
#include "store/store.h"

namespace hongyan::admin {

struct ImportTotals {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;  // as kept
};

// Prepares one batch while the one before it becomes durable. For one thread.
class Importer {
public:
    // `flags` are added to those that the files tell.
    Importer(store::Store& store, store::AccountId account, store::MailboxId mailbox, store::Flags flags,
             const Clock& clock)
        : store_(store), account_(account), mailbox_(mailbox), flags_(std::move(flags)), clock_(clock) {}

    // A message whose lines all end with LF gets CRLF, as RFC 5322 §2.3 has them; any other is kept byte by
    // byte.
    Result<void> add(const message::FoundMessage& found);
    // Returns when all that was added is durable, or with the first error.
    Result<void> finish();

    // What is durable so far.
    const ImportTotals& totals() const { return totals_; }

private:
    Result<void> submit();
    Result<void> settle();

    store::Store& store_;
    store::AccountId account_;
    store::MailboxId mailbox_;
    store::Flags flags_;
    const Clock& clock_;

    std::vector<store::Delivery> batch_;
    std::uint64_t batch_bytes_ = 0;
    std::optional<std::future<store::Store::Outcomes>> under_way_;
    std::uint64_t under_way_bytes_ = 0;
    ImportTotals totals_;
};

}  // namespace hongyan::admin
