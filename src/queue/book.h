// Steps of transactions on the queue: each leaves records, order of attempts and counts in agreement. For
// this folder.
#pragma once

#include "queue/due.h"
#include "queue/history.h"
#include "queue/records.h"

namespace hongyan::queue {

// How much may be in the queue at once; 0: as much as there is room for.
struct Limits {
    std::uint64_t messages = 0, bytes = 0;                  // of all
    std::uint64_t account_messages = 0, account_bytes = 0;  // of each account

    friend bool operator==(const Limits&, const Limits&) = default;
};

// Whether a recipient is in the lists of tally.h: all are but those with a fresh lease.
enum class Listed { no, yes };

// Lives as long as one run of a transaction's work.
class Book {
public:
    // `keep_history`: whether what happens is told.
    Book(engine::Transaction& transaction, Instant now, bool keep_history)
        : transaction_(transaction), now_(now), keep_history_(keep_history) {}

    // Without its recipients. not_found if it is gone.
    Result<Entry> entry(EntryId id) const;
    Result<Recipient> recipient(Attemptable who) const;
    Result<std::optional<Lease>> lease(Attemptable who) const;

    // Counts the message in. no_space if the queue is full, over_quota if it holds as much of the account as
    // it may. Notifications are always let in: nothing that we must say gets lost.
    Result<void> charge(const Entry& entry, const Limits& limits);

    // The recipient waits for its time, in the order of attempts.
    void wait(const Entry& entry, const Recipient& recipient);
    // It is attempted by who holds the lease.
    void lease(Attemptable who, const Lease& lease);
    void end_lease(Attemptable who) { transaction_.erase(lease_key(who.id, who.index)); }
    // Takes it out of the order of attempts.
    Result<void> take_out(const Due& due);
    void write(EntryId id, const Recipient& recipient);
    // It is found by its destination and its sender from now on.
    void list(const Entry& entry, const Recipient& recipient);
    // The recipient, whose state is final, needs nothing more; with the last one the entry goes. It must be
    // in no order and have no lease any more.
    Result<void> finish(const Entry& entry, const Recipient& recipient, Listed listed);
    // Tells of what happened.
    void tell(const Entry& entry, const Recipient& recipient, Happened what, const Attempt& attempt);

    bool keeps_history() const { return keep_history_; }
    engine::Transaction& transaction() { return transaction_; }
    Instant now() const { return now_; }

private:
    Result<void> count(std::string_view account, const Entry& entry, int sign, std::uint64_t most_messages,
                       std::uint64_t most_bytes, Error::Kind refusal);
    Result<bool> is_last(EntryId id);
    Result<void> remove(const Entry& entry, Listed listed);

    engine::Transaction& transaction_;
    Instant now_;
    bool keep_history_;
};

}  // namespace hongyan::queue
