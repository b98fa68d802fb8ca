#include "engine/batch.h"

#include "base/check.h"

namespace hongyan::engine {

namespace {

constexpr std::size_t max_batch_writes = 8'000'000;        // bytes; a batch is one write of the backend
constexpr std::size_t max_batch_blobs = 32 * 1024 * 1024;  // bytes held in memory until they are synced

// The fate that the others share when one of them failed.
std::vector<Result<void>> all_undone(std::size_t count, std::size_t culprit, const Error& error) {
    std::vector<Result<void>> outcomes(count,
                                       fail(error.kind, "undone together with another: {}", error.message));
    outcomes[culprit] = std::unexpected(error);
    return outcomes;
}

}  // namespace

std::vector<Result<void>> Batch::run(const std::vector<Part>& parts, Together together) {
    std::vector<Result<void>> outcomes;
    if (together == Together::all_or_none) {
        Draft all(draft_);
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (auto outcome = run_work(parts[i].work, parts[i].scope, all); !outcome)
                return all_undone(parts.size(), i, outcome.error());
        draft_.absorb(std::move(all));
        outcomes.resize(parts.size());
        return outcomes;
    }
    for (const auto& part : parts) {
        Draft own(draft_);
        outcomes.push_back(run_work(part.work, part.scope, own));
        if (outcomes.back()) draft_.absorb(std::move(own));
    }
    return outcomes;
}

bool Batch::is_full() const {
    return draft_.size >= max_batch_writes || draft_.blob_bytes >= max_batch_blobs;
}

Result<void> Batch::commit() {
    TRY(settle_blobs());
    if (draft_.writes.writes().empty()) return {};
    return backend_.write(draft_.writes.writes());
}

Result<void> Batch::settle_blobs() {
    for (const auto& [id, state] : draft_.blobs.changed()) TRY(settle(id, state));
    for (const auto& [number, record] : packs_) draft_.writes.put(pack_key(number), record.encode());
    return {};
}

Result<void> Batch::settle(const BlobId& id, const BlobState& state) {
    if (!state.stored) return state.references > 0 ? place(id, state) : Result<void>{};
    if (state.references == 0) return discard(id, *state.stored);
    if (state.references == state.stored->references) return {};
    auto record = *state.stored;
    record.references = state.references;
    draft_.writes.put(blob_key(id), record.encode());
    return {};
}

Result<void> Batch::place(const BlobId& id, const BlobState& state) {
    check(state.fresh != nullptr, "a blob that was not there was brought");
    const auto& blob = *state.fresh;
    const BlobRecord record{.references = state.references,
                            .size = blob.size,
                            .compressed = blob.compressed,
                            .location = {.length = static_cast<std::uint32_t>(blob.frame.size())},
                            .unknown = {}};
    draft_.writes.put(inline_key(id), blob.frame);
    draft_.writes.put(blob_key(id), record.encode());
    TRY(auto* home, pack(record.location.pack));
    home->live_bytes += record.location.length;
    ++home->live_blobs;
    return {};
}

Result<void> Batch::discard(const BlobId& id, const BlobRecord& stored) {
    draft_.writes.erase(blob_key(id));
    draft_.writes.erase(inline_key(id));
    TRY(auto* home, pack(stored.location.pack));
    home->live_bytes -= stored.location.length;
    --home->live_blobs;
    return {};
}

Result<PackRecord*> Batch::pack(PackNumber number) {
    if (const auto at = packs_.find(number); at != packs_.end()) return &at->second;
    TRY(const auto bytes, backend_.latest().get(pack_key(number)));
    PackRecord record;
    if (bytes) {
        TRY(record, PackRecord::decode(*bytes));
    }
    return &packs_.emplace(number, std::move(record)).first->second;
}

}  // namespace hongyan::engine
