// Entries that an older program kept stand in no order of attempts and are not counted.
#include "queue/keys.h"
#include "queue/queue.h"
#include "queue/reading.h"

namespace hongyan::queue {

namespace {

constexpr std::size_t page = 100;  // entries looked at in one transaction

Result<void> bring_into_order(Book& book, Entry entry) {
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

// Those behind `after`; it becomes the last that was looked at, or nothing at the end.
Result<void> order_page(Book& book, std::optional<EntryId>& after) {
    auto range = engine::Range::starting_with(key_prefix);
    range.first = entry_key(*after);
    TRY(auto entries, read_entries(book.transaction(), range, page));
    after = entries.size() == page ? std::optional(entries.back().id.next()) : std::nullopt;
    for (auto& entry : entries)
        if (!entry.ordered) TRY(bring_into_order(book, std::move(entry)));
    if (!after) book.transaction().put(keys::ordered, "1");
    return {};
}

}  // namespace

Result<void> Queue::order_old_entries() {
    if (ordered_) return {};
    const auto snapshot = engine_.snapshot(engine::Scope::global());
    TRY(const auto done, snapshot->get(keys::ordered));
    for (auto from = done ? std::nullopt : std::optional(EntryId{}); from;) {
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
