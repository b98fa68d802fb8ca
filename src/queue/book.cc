#include "queue/book.h"

#include "queue/tally.h"

namespace hongyan::queue {

namespace {

bool exceeds(std::uint64_t found, std::uint64_t most) { return most > 0 && found > most; }

std::unexpected<Error> gone(EntryId id) {
    return fail(Error::Kind::not_found, "nothing in the queue is called {}", to_string(id));
}

std::uint64_t lowered(std::uint64_t from, std::uint64_t by) { return from - std::min(from, by); }

}  // namespace

Result<Entry> Book::entry(EntryId id) const {
    TRY(const auto record, transaction_.get(entry_key(id)));
    if (!record) return gone(id);
    return decode_entry(id, *record);
}

Result<Recipient> Book::recipient(Attemptable who) const {
    TRY(const auto record, transaction_.get(recipient_key(who.id, who.index)));
    if (!record) return gone(who.id);
    TRY(auto recipient, decode_recipient(*record));
    recipient.index = who.index;
    return recipient;
}

Result<std::optional<Lease>> Book::lease(Attemptable who) const {
    TRY(const auto record, transaction_.get(lease_key(who.id, who.index)));
    if (!record) return std::nullopt;
    return decode_lease(*record);
}

Result<void> Book::charge(const Entry& entry, const Limits& limits) {
    const bool limited = !entry.sender.empty();
    TRY(count({}, entry, +1, limited ? limits.messages : 0, limited ? limits.bytes : 0,
              Error::Kind::no_space));
    if (entry.account.empty()) return {};
    return count(entry.account, entry, +1, limited ? limits.account_messages : 0,
                 limited ? limits.account_bytes : 0, Error::Kind::over_quota);
}

Result<void> Book::count(std::string_view account, const Entry& entry, int sign, std::uint64_t most_messages,
                         std::uint64_t most_bytes, Error::Kind refusal) {
    const auto key = usage_key(account);
    TRY(const auto record, transaction_.get(key));
    Usage usage;
    if (record) {
        TRY(usage, decode_usage(*record));
    }
    usage.messages = sign > 0 ? usage.messages + 1 : lowered(usage.messages, 1);
    usage.bytes = sign > 0 ? usage.bytes + entry.size() : lowered(usage.bytes, entry.size());
    if (exceeds(usage.messages, most_messages) || exceeds(usage.bytes, most_bytes))
        return fail(refusal, "the queue holds as much{}{} as it may", account.empty() ? "" : " of ", account);
    if (usage.messages == 0 && !account.empty())
        transaction_.erase(key);
    else
        transaction_.put(key, encode(usage));
    return {};
}

void Book::wait(const Entry& entry, const Recipient& recipient) {
    const auto due = due_of(entry, recipient);
    const bool is_ready = due.due <= now_;
    if (is_ready)
        transaction_.put(ready_key(due), encode_ready(due));
    else
        transaction_.put(sleeping_key(due), encode_sleeping(due));
    queue::count(transaction_, is_ready ? Change{.ready = 1} : Change{.asleep = 1});
}

void Book::lease(Attemptable who, const Lease& lease) {
    transaction_.put(lease_key(who.id, who.index), encode(lease));
    queue::count(transaction_, {.leased = 1});
}

Result<void> Book::take_out(const Due& due) {
    const auto key = ready_key(due);
    TRY(const auto present, transaction_.get(key));
    transaction_.erase(present ? key : sleeping_key(due));
    queue::count(transaction_, present ? Change{.ready = -1} : Change{.asleep = -1});
    return {};
}

void Book::write(EntryId id, const Recipient& recipient) {
    transaction_.put(recipient_key(id, recipient.index), encode(recipient));
}

// Whether nobody else is being waited for; counts the recipient that has just come to its end.
Result<bool> Book::is_last(EntryId id) {
    TRY(const auto record, transaction_.get(remaining_key(id)));
    if (!record) return true;  // it has one recipient only
    TRY(const auto count, decode_count(*record));
    if (count <= 1) return true;
    transaction_.put(remaining_key(id), encode_count(count - 1));
    return false;
}

void Book::list(const Entry& entry, const Recipient& recipient) {
    enlist(transaction_, entry);
    enlist(transaction_, entry.id, recipient);
}

Result<void> Book::finish(const Entry& entry, const Recipient& recipient, Listed listed) {
    if (listed == Listed::yes) strike(transaction_, entry.id, recipient);
    TRY(const bool last, is_last(entry.id));
    if (last) return remove(entry, listed);
    queue::count(transaction_, {.finished = 1});
    write(entry.id, recipient);
    return {};
}

// `listed`: the last of its recipients.
Result<void> Book::remove(const Entry& entry, Listed listed) {
    const auto prefix = entry_key(entry.id);
    std::vector<std::string> all;
    TRY(const auto several, transaction_.get(remaining_key(entry.id)));
    if (several) {
        const auto cursor = transaction_.scan(engine::Range::starting_with(prefix));
        for (; cursor->valid(); cursor->next()) all.emplace_back(cursor->key());
        TRY(cursor->status());
        transaction_.erase(remaining_key(entry.id));
        // All but the entry itself and the recipient that has just come to its end.
        const auto others = std::max<std::size_t>(all.size(), 2) - 2;
        queue::count(transaction_, {.finished = -static_cast<std::int64_t>(others)});
    } else {
        all = {prefix, recipient_key(entry.id, 0)};
    }
    for (const auto& key : all) transaction_.erase(key);
    if (several || listed == Listed::yes) strike(transaction_, entry);
    TRY(count({}, entry, -1, 0, 0, Error::Kind::internal));
    if (!entry.account.empty()) TRY(count(entry.account, entry, -1, 0, 0, Error::Kind::internal));
    return transaction_.release(entry.blob);
}

void Book::tell(const Entry& entry, const Recipient& recipient, Happened what, const Attempt& attempt) {
    if (!keep_history_) return;
    Record record;
    record.id = entry.id;
    record.index = recipient.index;
    record.number = what == Happened::cancelled || what == Happened::expired
                        ? without_attempt + recipient.attempts
                        : recipient.attempts;
    record.what = what;
    record.sender = entry.sender;
    record.recipient = recipient.address;
    record.account = entry.account;
    record.message_id = entry.message_id;
    record.passed_on_for = entry.passed_on_for;
    record.size = entry.size();
    record.attempt = attempt;
    queue::tell(transaction_, record);
}

}  // namespace hongyan::queue
