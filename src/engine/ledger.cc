#include "engine/ledger.h"

namespace hongyan::engine {

namespace {

std::unexpected<Error> nobody_refers_to(const BlobId& id) {
    return fail(Error::Kind::not_found, "there is no blob {}", id.hex());
}

}  // namespace

Result<std::optional<BlobRecord>> find_blob(const Reader& stored, const BlobId& id) {
    TRY(const auto bytes, stored.get(blob_key(id)));
    if (!bytes) return std::nullopt;
    auto record = BlobRecord::decode(*bytes);
    if (!record) return fail(std::move(record).error(), id.hex());
    return *std::move(record);
}

Result<BlobState> Ledger::find(const BlobId& id) const {
    if (const auto at = changed_.find(id); at != changed_.end()) return at->second;
    if (below_ != nullptr) return below_->find(id);
    TRY(auto record, find_blob(*stored_, id));
    BlobState state;
    state.references = record ? record->references : 0;
    state.stored = std::move(record);
    return state;
}

Result<BlobState*> Ledger::to_change(const BlobId& id) {
    if (const auto at = changed_.find(id); at != changed_.end()) return &at->second;
    TRY(auto state, find(id));
    return &changed_.emplace(id, std::move(state)).first->second;
}

Result<void> Ledger::keep(const SharedBlob& blob) {
    TRY(auto* state, to_change(blob->id));
    ++state->references;
    if (!state->stored && !state->fresh) state->fresh = blob;
    return {};
}

Result<void> Ledger::keep(const BlobId& id) {
    TRY(auto* state, to_change(id));
    if (state->references == 0) return nobody_refers_to(id);
    ++state->references;
    return {};
}

Result<void> Ledger::release(const BlobId& id) {
    TRY(auto* state, to_change(id));
    if (state->references == 0) return nobody_refers_to(id);
    --state->references;
    return {};
}

void Ledger::absorb(Ledger&& above) {
    for (auto& [id, state] : above.changed_) changed_[id] = std::move(state);
    above.changed_.clear();
}

}  // namespace hongyan::engine
