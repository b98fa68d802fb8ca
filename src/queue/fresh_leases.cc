#include "queue/fresh_leases.h"

#include "queue/keys.h"

namespace hongyan::queue {

FreshLeases::FreshLeases(const engine::Reader& reader, EntryId first) {
    auto range = engine::Range::starting_with(keys::leases);
    range.first = lease_key(first, 0);
    cursor_ = reader.scan(range);
    find();
}

void FreshLeases::next() {
    cursor_->next();
    find();
}

// Where the cursor stands or behind.
void FreshLeases::find() {
    who_.reset();
    for (; cursor_->valid(); cursor_->next()) {
        const auto lease = decode_lease(cursor_->value());
        const auto who = who_of_lease_key(cursor_->key());
        if (!lease || !who || !lease->fresh) continue;  // what cannot be read hides no other
        who_ = *who;
        return;
    }
}

Result<void> FreshLeases::status() const { return cursor_->status(); }

}  // namespace hongyan::queue
