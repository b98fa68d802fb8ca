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

// From here on, and where that ends: nothing once all have been looked at. Each is read by itself, so that
// one which cannot be read keeps no other from being put into order.
struct Progress {
    std::optional<EntryId> from = EntryId{};
    std::size_t damaged = 0;  // that could not be read, and stay as they are
};
Result<void> order_page(Book& book, Progress& progress) {
    auto range = engine::Range::starting_with(key_prefix);
    range.first = entry_key(*progress.from);
    std::size_t looked_at = 0, written = 0;
    for (const auto cursor = book.transaction().scan(range);; ++looked_at) {
        TRY(cursor->status());
        if (!cursor->valid()) break;
        const auto id = id_of_key(cursor->key());
        if (!id) {
            ++progress.damaged;
            cursor->next();
            continue;
        }
        progress.from = *id;
        if (looked_at >= page || written >= most_in_page) return {};
        auto entry = read_entry(book.transaction(), *id);
        if (!entry && entry.error().kind != Error::Kind::corrupt) return std::unexpected(entry.error());
        if (entry) {
            TRY(const auto more, look_after(book, *std::move(entry)));
            written += more;
        } else {
            ++progress.damaged;
        }
        cursor->seek(entry_key(id->next()));
    }
    progress.from = std::nullopt;
    book.transaction().put(keys::ordered, all_is_counted);
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

Result<std::size_t> Queue::order_old_entries() {
    if (ordered_) return 0;
    const auto snapshot = engine_.snapshot(engine::Scope::global());
    TRY(const auto done, snapshot->get(keys::ordered));
    Progress progress;
    if (done == all_is_counted) progress.from = std::nullopt;
    while (progress.from) {
        Progress next;
        TRY(transact([&](Book& book) -> Result<void> {
            next = progress;
            return order_page(book, next);
        }));
        progress = next;
    }
    ordered_ = true;
    return progress.damaged;
}

}  // namespace hongyan::queue
