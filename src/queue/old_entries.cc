// Entries that an older program kept stand in no order of attempts, or are not counted and listed.
#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/reading.h"
#include "queue/tally.h"

namespace hongyan::queue {

namespace {

constexpr std::size_t page = 100;  // entries looked at in one transaction
constexpr std::size_t most_in_page =
    2'000;  // recipients of them that are written: they fit into a transaction

Result<void> bring_into_order(Book& book, Entry& entry) {
    std::uint64_t open = 0;
    for (const auto& recipient : entry.recipients) {
        open += is_final(recipient.state) ? 0 : 1;
        if (recipient.state == RecipientState::waiting) book.wait(entry, recipient);
    }
    if (entry.recipients.size() > 1) book.transaction().put(remaining_key(entry.id), encode_count(open));
    entry.ordered = true;
    book.transaction().put(entry_key(entry.id), encode(entry));
    return book.charge(entry, {});
}

// Where it stands by its record and its keys.
Result<Change> place_of(Book& book, const Entry& entry, const Recipient& recipient) {
    if (is_final(recipient.state)) return Change{.finished = 1};
    if (recipient.state == RecipientState::held) return Change{.held = 1};
    if (recipient.lease) return Change{.leased = 1};
    TRY(const auto ready, book.transaction().get(ready_key(due_of(entry, recipient))));
    return ready ? Change{.ready = 1} : Change{.asleep = 1};
}

bool has_fresh_lease(const Recipient& recipient) { return recipient.lease && recipient.lease->fresh; }

// An entry of a program that counts, which lists those with fresh leases when they end. The others were
// listed, unless all lists have been thrown away since. How many recipients were written.
Result<std::size_t> list_beside_fresh(Book& book, const Entry& entry) {
    std::size_t listed = 0;
    for (const auto& recipient : entry.recipients) {
        if (is_final(recipient.state) || has_fresh_lease(recipient)) continue;
        book.list(entry, recipient);
        TRY(const auto place, place_of(book, entry, recipient));
        count(book.transaction(), place);
        ++listed;
    }
    return listed;
}

// How many recipients were written.
Result<std::size_t> look_after(Book& book, Entry entry) {
    TRY(const bool is_listed, is_enlisted(book.transaction(), entry));
    if (is_listed) return 0;
    if (std::ranges::any_of(entry.recipients, has_fresh_lease)) return list_beside_fresh(book, entry);
    const bool was_ordered = entry.ordered;
    if (!was_ordered) TRY(bring_into_order(book, entry));
    enlist(book.transaction(), entry);
    for (const auto& recipient : entry.recipients) {
        if (!is_final(recipient.state)) enlist(book.transaction(), entry.id, recipient);
        // Who has just been brought into order was counted with that.
        if (!was_ordered && recipient.state == RecipientState::waiting) continue;
        TRY(const auto place, place_of(book, entry, recipient));
        count(book.transaction(), place);
    }
    return entry.recipients.size();
}

// Those behind `after`; it becomes the last that was looked at, or nothing at the end.
Result<void> order_page(Book& book, std::optional<EntryId>& after) {
    auto range = engine::Range::starting_with(key_prefix);
    range.first = entry_key(*after);
    TRY(auto entries, read_entries(book.transaction(), range, page));
    const bool is_last = entries.size() < page;
    std::size_t written = 0;
    for (auto& entry : entries) {
        if (written >= most_in_page) return {};
        after = entry.id.next();
        TRY(const auto more, look_after(book, std::move(entry)));
        written += more;
    }
    if (is_last) after = std::nullopt;
    if (!after) book.transaction().put(keys::ordered, all_is_counted);
    return {};
}

// Some of the keys that begin so; whether there may be more.
Result<bool> erase_some(engine::Transaction& transaction, std::string_view prefix) {
    constexpr std::size_t most_erased = 1'000;  // of 300 bytes at most: they fit into a transaction
    std::vector<std::string> keys;
    const auto cursor = transaction.scan(engine::Range::starting_with(prefix));
    for (; cursor->valid() && keys.size() < most_erased; cursor->next()) keys.emplace_back(cursor->key());
    TRY(cursor->status());
    for (const auto& key : keys) transaction.erase(key);
    return keys.size() == most_erased;
}

}  // namespace

// An older program that has begun since we did last (a step back, and forth again) has kept entries that are
// neither counted nor listed, and has ended others that are: all is counted anew.
Result<void> Queue::forget_old_counts() {
    const auto snapshot = engine_.snapshot(engine::Scope::global());
    TRY(const auto last, snapshot->get(keys::epoch));
    TRY(const auto ours, snapshot->get(keys::counted_epoch));
    if (last == ours) return {};
    ordered_ = false;
    // From now on until it is done lists walk through all that is there.
    TRY(transact([](Book& book) -> Result<void> {
        book.transaction().erase(keys::ordered);
        return {};
    }));
    for (const auto prefix : {keys::by_destination, keys::destination_counts, keys::by_sender})
        for (bool more = true; more;)
            TRY(transact([&more, prefix](Book& book) -> Result<void> {
                TRY(more, erase_some(book.transaction(), prefix));
                if (!more) book.transaction().erase(keys::tally);
                return {};
            }));
    return {};
}

Result<void> Queue::order_old_entries() {
    if (ordered_) return {};
    const auto snapshot = engine_.snapshot(engine::Scope::global());
    TRY(const auto done, snapshot->get(keys::ordered));
    for (auto from = done == all_is_counted ? std::nullopt : std::optional(EntryId{}); from;) {
        auto next = from;
        TRY(transact([&](Book& book) -> Result<void> {
            next = from;
            return order_page(book, next);
        }));
        from = next;
    }
    ordered_ = true;
    return {};
}

}  // namespace hongyan::queue
