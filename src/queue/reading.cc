#include "queue/reading.h"

#include "queue/record_fields.h"

namespace hongyan::queue {

namespace {

// The leases of a range of entries lie in the same order as their recipients.
class Leases {
public:
    Leases(const engine::Reader& reader, EntryId first)
        : cursor_(reader.scan({lease_key(first, 0), beyond_leases()})) {}

    Result<std::optional<Lease>> of(EntryId id, std::uint32_t index) {
        const auto key = lease_key(id, index);
        if (cursor_->valid() && cursor_->key() < key) cursor_->seek(key);
        TRY(cursor_->status());
        if (!cursor_->valid() || cursor_->key() != key) return std::nullopt;
        return decode_lease(cursor_->value());
    }

private:
    static std::string beyond_leases() { return lease_key(EntryId(UINT64_MAX), UINT32_MAX); }

    std::unique_ptr<engine::Cursor> cursor_;
};

Result<Recipient> read_recipient(const engine::Cursor& cursor, EntryId id, Leases& leases) {
    TRY(auto recipient, decode_recipient(cursor.value()));
    TRY(recipient.index, index_of_key(cursor.key()));
    if (recipient.state == RecipientState::waiting) {
        TRY(recipient.lease, leases.of(id, recipient.index));
    }
    return recipient;
}

}  // namespace

Result<std::vector<Entry>> read_entries(const engine::Reader& reader, const engine::Range& range,
                                        std::size_t limit) {
    std::vector<Entry> entries;
    std::optional<Leases> leases;
    const auto cursor = reader.scan(range);
    for (; cursor->valid(); cursor->next()) {
        TRY(const auto id, id_of_key(cursor->key()));
        if (!leases) leases.emplace(reader, id);
        if (is_entry_key(cursor->key())) {
            if (entries.size() == limit) break;
            TRY(auto entry, decode_entry(id, cursor->value()));
            entries.push_back(std::move(entry));
        } else {
            if (entries.empty() || entries.back().id != id) return corrupt("recipient without a message");
            TRY(auto recipient, read_recipient(*cursor, id, *leases));
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

}  // namespace hongyan::queue
