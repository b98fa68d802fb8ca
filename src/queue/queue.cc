#include "queue/queue.h"

#include "queue/records.h"

namespace hongyan::queue {

namespace {

using engine::Scope;
using engine::Transaction;

constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t id_length = 12;
constexpr unsigned bits_of_counter = 12;  // below the milliseconds

Result<void> put(Transaction& transaction, const Entry& entry, const engine::SharedBlob& content) {
    TRY(const auto present, transaction.get(entry_key(entry.id)));
    if (present) return {};
    transaction.put(entry_key(entry.id), encode(entry));
    for (std::uint32_t i = 0; i < entry.recipients.size(); ++i)
        transaction.put(recipient_key(entry.id, i), encode(entry.recipients[i]));
    transaction.keep(content);
    return {};
}

// The entries of a range of keys, each with its recipients; `limit` of them at most.
Result<std::vector<Entry>> read_entries(const engine::Reader& reader, const engine::Range& range,
                                        std::size_t limit) {
    std::vector<Entry> entries;
    const auto cursor = reader.scan(range);
    for (; cursor->valid(); cursor->next()) {
        TRY(const auto id, id_of_key(cursor->key()));
        if (is_entry_key(cursor->key())) {
            if (entries.size() == limit) break;
            TRY(auto entry, decode_entry(id, cursor->value()));
            entries.push_back(std::move(entry));
        } else {
            TRY(auto recipient, decode_recipient(cursor->value()));
            if (entries.empty() || entries.back().id != id)
                return fail(Error::Kind::corrupt, "a recipient in the queue belongs to no message");
            entries.back().recipients.push_back(std::move(recipient));
        }
    }
    TRY(cursor->status());
    return entries;
}

Result<Entry> read_entry(const engine::Reader& reader, EntryId id) {
    TRY(auto entries, read_entries(reader, engine::Range::starting_with(entry_key(id)), 1));
    if (entries.empty())
        return fail(Error::Kind::not_found, "nothing in the queue is called {}", to_string(id));
    return std::move(entries.front());
}

}  // namespace

std::string to_string(EntryId id) {
    std::string text(id_length, '0');
    auto number = id.value();
    for (auto place = text.rbegin(); place != text.rend() && number > 0; ++place, number /= digits.size())
        *place = digits[number % digits.size()];
    return text;
}

Result<EntryId> parse_entry_id(std::string_view text) {
    std::uint64_t number = 0;
    bool good = text.size() == id_length;
    for (const char c : text) {
        const auto digit = digits.find(c);
        good = good && digit != digits.npos;
        number = number * digits.size() + digit;
    }
    if (!good) return fail(Error::Kind::invalid, "\"{}\" is no name of a message in the queue", text);
    return EntryId(number);
}

EntryId Queue::next_id() {
    const auto now = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count());
    const std::lock_guard lock(mutex_);
    last_ = std::max(last_.next(), EntryId(now << bits_of_counter));
    return last_;
}

engine::Part Queue::part_of(Entry entry, engine::SharedBlob content) const {
    auto shared = std::make_shared<const Entry>(std::move(entry));
    return {Scope::global(),
            [shared, content](Transaction& transaction) { return put(transaction, *shared, content); }};
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

Result<std::string> Queue::read(const Entry& entry) const {
    return engine_.read_blob_after(entry.prefix, entry.blob);
}

Result<void> Queue::remove(EntryId id) {
    return engine_.transact(Scope::global(), [id](Transaction& transaction) -> Result<void> {
        TRY(const auto entry, read_entry(transaction, id));
        transaction.erase(entry_key(id));
        for (std::uint32_t i = 0; i < entry.recipients.size(); ++i) transaction.erase(recipient_key(id, i));
        return transaction.release(entry.blob);
    });
}

}  // namespace hongyan::queue
