#include "queue/queue.h"

#include "queue/keys.h"
#include "queue/listeners.h"
#include "queue/reading.h"
#include "queue/record_fields.h"
#include "queue/tally.h"

namespace hongyan::queue {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::uint32_t bits_of_grant = 32;  // of a token, below the epoch

// A commit whose outcome was unknown may be tried again; another message of the same id must not be lost.
Result<void> expect_same(const Entry& entry, std::string_view record) {
    TRY(const auto there, decode_entry(entry.id, record));
    if (there.blob == entry.blob && there.arrival == entry.arrival && there.sender == entry.sender) return {};
    return fail(Error::Kind::conflict, "another message in the queue is called {}", to_string(entry.id));
}

// In a queue that was empty nothing of an older program is left to be counted.
Result<void> note_first(engine::Transaction& transaction) {
    TRY(const auto record, transaction.get(usage_key({})));
    if (!record) return {};
    TRY(const auto usage, decode_usage(*record));
    if (usage.messages != 1) return {};
    // A queue that is emptied often is full of traces of what it had: a scan walks over them all.
    TRY(const auto counted, transaction.get(keys::ordered));
    if (counted == all_is_counted) return {};
    const auto entries = transaction.scan(engine::Range::starting_with(key_prefix));
    TRY(entries->status());
    if (!entries->valid()) transaction.put(keys::ordered, all_is_counted);
    return {};
}

// What is taken is in the order of the recipients. Those are listed only if they have to wait: most never do.
Result<void> put(Book& book, const Entry& entry, const engine::SharedBlob& content, const Limits& limits,
                 const Taken& taken) {
    auto& transaction = book.transaction();
    TRY(const auto present, transaction.get(entry_key(entry.id)));
    if (present) return expect_same(entry, *present);
    TRY(book.charge(entry, limits));
    TRY(note_first(transaction));
    transaction.put(entry_key(entry.id), encode(entry));
    auto taken_one = taken.dues.begin();
    std::uint64_t open = 0;
    for (std::uint32_t i = 0; i < entry.recipients.size(); ++i) {
        auto recipient = entry.recipients[i];
        recipient.index = i;
        recipient.next_attempt = std::max(recipient.next_attempt, entry.hold_until);
        book.write(entry.id, recipient);
        const bool is_done = is_final(recipient.state);
        open += is_done ? 0 : 1;
        if (is_done || recipient.state == RecipientState::held)
            count(transaction, is_done ? Change{.finished = 1} : Change{.held = 1});
        if (taken_one != taken.dues.end() && taken_one->index == i) {
            book.lease({entry.id, i}, taken.lease);
            ++taken_one;
            continue;
        }
        if (recipient.state == RecipientState::waiting) book.wait(entry, recipient);
        if (!is_done) book.list(entry, recipient);
    }
    if (entry.recipients.size() > 1) transaction.put(remaining_key(entry.id), encode_count(open));
    if (book.keeps_history()) mention(transaction, entry);
    transaction.keep(content);
    return {};
}

}  // namespace

Queue::Queue(engine::Engine& engine, const Clock& clock, Options options)
    : engine_(engine),
      clock_(clock),
      node_(std::move(options.node)),
      ids_(engine, clock),
      listeners_(std::make_shared<Listeners>()),
      terms_{options.limits, options.history} {}

void Queue::apply(const Options& options) {
    const std::lock_guard lock(mutex_);
    terms_ = {options.limits, options.history};
}

Queue::Terms Queue::terms() const {
    const std::lock_guard lock(mutex_);
    return terms_;
}

engine::Part Queue::part(Work work) const {
    const bool keep_history = terms().history.count() > 0;
    return {Scope::global(),
            [&clock = clock_, keep_history, work = std::move(work)](Transaction& transaction) {
                Book book(transaction, clock.now(), keep_history);
                return work(book);
            }};
}

Result<void> Queue::transact(Work work) const {
    auto whole = part(std::move(work));
    return engine_.transact(whole.scope, std::move(whole.work));
}

std::optional<Lease> Queue::new_lease(std::chrono::milliseconds time) {
    const auto epoch = epoch_.load();
    if (epoch == 0) return std::nullopt;
    const auto grant = ++grants_ & ((std::uint64_t{1} << bits_of_grant) - 1);
    return Lease{.node = node_, .token = (epoch << bits_of_grant) | grant, .until = clock_.now() + time};
}

engine::Part Queue::part_of(Entry entry, engine::SharedBlob content) const {
    auto shared = std::make_shared<const Entry>(std::move(entry));
    return part([shared, limits = terms().limits, content = std::move(content)](Book& book) {
        return put(book, *shared, content, limits, {});
    });
}

Queue::Accepted Queue::accept(Entry entry, engine::SharedBlob content, std::chrono::milliseconds time) {
    const auto now = clock_.now();
    const auto lease = new_lease(time);
    std::vector<Due> dues;
    for (std::uint32_t i = 0; lease && i < entry.recipients.size(); ++i) {
        auto& recipient = entry.recipients[i];
        recipient.index = i;
        const bool may = recipient.state == RecipientState::waiting && recipient.next_attempt <= now &&
                         entry.hold_until <= now && !is_paused(destination_of(recipient));
        if (may) dues.push_back(due_of(entry, recipient));
    }
    Taken taken{.lease = lease.value_or(Lease{}), .dues = std::move(dues)};
    taken.lease.fresh = true;
    if (lease) taken.hold = holds_.take(lease->token);
    auto shared = std::make_shared<const Entry>(std::move(entry));
    auto work = [shared, limits = terms().limits, content = std::move(content), taken](Book& book) {
        return put(book, *shared, content, limits, taken);
    };
    return {part(std::move(work)), taken};
}

Result<std::vector<Entry>> Queue::list(const Page& page) const {
    auto range = engine::Range::starting_with(key_prefix);
    if (page.after != EntryId{}) range.first = entry_key(page.after.next());
    const auto snapshot = engine_.snapshot(Scope::global());
    return read_entries(*snapshot, range, page.limit);
}

Result<Entry> Queue::entry(EntryId id) const {
    const auto snapshot = engine_.snapshot(Scope::global());
    return read_entry(*snapshot, id);
}

Result<Entry> Queue::entry(EntryId id, std::span<const std::uint32_t> indexes) const {
    std::vector<std::string> keys = {entry_key(id)};
    for (const auto index : indexes) keys.push_back(recipient_key(id, index));
    const auto snapshot = engine_.snapshot(Scope::global());
    TRY(const auto records, snapshot->get_many(keys));
    if (std::ranges::any_of(records, [](const auto& record) { return !record; }))
        return fail(Error::Kind::not_found, "nothing in the queue is called {}, or it has fewer recipients",
                    to_string(id));
    TRY(auto entry, decode_entry(id, *records.front()));
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        TRY(auto recipient, decode_recipient(*records[i + 1]));
        recipient.index = indexes[i];
        entry.recipients.push_back(std::move(recipient));
    }
    return entry;
}

Result<std::string> Queue::read(const Entry& entry) const {
    return engine_.read_blob_after(entry.prefix, entry.blob);
}

Result<void> Queue::remove(EntryId id) {
    TRY(order_old_entries());
    TRY(transact([id](Book& book) -> Result<void> {
        TRY(const auto entry, read_entry(book.transaction(), id));
        for (auto recipient : entry.recipients) {
            if (is_final(recipient.state)) continue;
            if (recipient.lease) {
                book.end_lease({id, recipient.index});
                count(book.transaction(), {.leased = -1});
            } else if (recipient.state == RecipientState::waiting) {
                TRY(book.take_out(due_of(entry, recipient)));
            } else {
                count(book.transaction(), {.held = -1});
            }
            recipient.state = RecipientState::cancelled;
            book.tell(entry, recipient, Happened::cancelled, {.time = book.now()});
            const bool fresh = recipient.lease && recipient.lease->fresh;
            TRY(book.finish(entry, recipient, fresh ? Listed::no : Listed::yes));
        }
        return {};
    }));
    tell_of_orders();
    return {};
}

void Queue::tell_of_orders() {
    ++orders_;
    listeners_->call(News::orders);
}

bool Queue::is_paused(std::string_view destination) const {
    const std::lock_guard lock(mutex_);
    return !paused_.empty() && (paused_.contains("") || paused_.contains(destination));
}

Queue::Subscription Queue::on_change(Listener listener) {
    return {listeners_, listeners_->add(std::move(listener))};
}

Queue::Subscription::~Subscription() {
    if (listeners_) listeners_->remove(number_);
}

void Queue::announce() const { listeners_->call(News::arrival); }

}  // namespace hongyan::queue
