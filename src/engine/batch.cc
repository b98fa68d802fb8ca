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
        Draft all(&draft_);
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (auto outcome = run(parts[i], all); !outcome)
                return all_undone(parts.size(), i, outcome.error());
        draft_.absorb(std::move(all));
        outcomes.resize(parts.size());
        return outcomes;
    }
    for (const auto& part : parts) {
        Draft own(&draft_);
        outcomes.push_back(run(part, own));
        if (outcomes.back()) draft_.absorb(std::move(own));
    }
    return outcomes;
}

// Who removes, moves or marks mail needs little, and is let.
Result<void> Batch::run(const Part& part, Draft& draft) {
    TRY(run_work(part.work, part.scope, draft));
    if (draft.blob_bytes > 0) TRY(storage_.room.check(draft_.blob_bytes + draft.blob_bytes));
    return {};
}

bool Batch::is_full() const {
    return draft_.size >= max_batch_writes || draft_.blob_bytes >= max_batch_blobs;
}

Result<void> Batch::move(const BlobId& id, const Location& from, std::string frame) {
    draft_.blob_bytes += frame.size();
    moves_.insert_or_assign(id, Move{from, std::move(frame)});
    return {};
}

Result<void> Batch::forget_pack(PackNumber number) {
    TRY(const auto* record, pack(number));
    if (!record->sealed || record->live_blobs > 0)
        return fail(Error::Kind::conflict, "pack {} still holds {} blobs", number, record->live_blobs);
    packs_.erase(number);
    draft_.writes.erase(pack_key(number));
    return {};
}

void Batch::repair(std::string key, const std::optional<std::string>& value) {
    if (value)
        draft_.writes.put(std::move(key), *value);
    else
        draft_.writes.erase(std::move(key));
}

Result<void> Batch::commit() {
    TRY(settle_blobs());
    if (draft_.writes.writes().empty()) return {};
    // First the bytes, then what speaks of them: after a crash nothing is missing that is spoken of.
    if (storage_.packs != nullptr) TRY(storage_.packs->sync());
    TRY(storage_.backend.write(draft_.writes.writes()));
    recent_->wrote(draft_.writes.writes());
    return {};
}

Result<void> Batch::settle_blobs() {
    for (const auto& [id, state] : draft_.blobs.changed()) TRY(settle(id, state));
    for (const auto& [id, move] : moves_) TRY(settle_move(id, move));
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

// Comes after the others, so that it sees what became of the blob in this very batch.
Result<void> Batch::settle_move(const BlobId& id, const Move& move) {
    TRY(auto record, find_blob(draft_.writes, id));
    if (!record || record->location != move.from) return {};
    TRY(record->location, place_frame(id, record->compressed, move.frame));
    TRY(count(move.from, -1));
    TRY(count(record->location, +1));
    draft_.writes.put(blob_key(id), record->encode());
    return {};
}

Result<void> Batch::place(const BlobId& id, const BlobState& state) {
    check(state.fresh != nullptr, "a blob that was not there was brought");
    const auto& blob = *state.fresh;
    TRY(const auto location, place_frame(id, blob.compressed, blob.frame));
    const BlobRecord record{.references = state.references,
                            .size = blob.size,
                            .compressed = blob.compressed,
                            .location = location,
                            .unknown = {}};
    draft_.writes.put(blob_key(id), record.encode());
    return count(location, +1);
}

Result<Location> Batch::place_frame(const BlobId& id, bool compressed, std::string_view frame) {
    if (storage_.packs == nullptr || frame.size() < storage_.inline_limit) {
        draft_.writes.put(inline_key(id), frame);
        return Location{.length = static_cast<std::uint32_t>(frame.size())};
    }
    TRY(prepare_pack());
    TRY(const auto location, storage_.packs->stage(id, compressed, frame));
    TRY(auto* home, pack(location.pack));
    home->length = storage_.packs->end();
    return location;
}

Result<void> Batch::discard(const BlobId& id, const BlobRecord& stored) {
    draft_.writes.erase(blob_key(id));
    if (stored.location.pack == kept_inline) draft_.writes.erase(inline_key(id));
    return count(stored.location, -1);
}

// A pack is sealed only between batches, so that a batch need not look back into it.
Result<void> Batch::prepare_pack() {
    if (std::exchange(has_pack_, true)) return {};
    TRY(const auto sealed, storage_.packs->seal_if_full());
    if (!sealed) return {};
    TRY(auto* full, pack(*sealed));
    full->sealed = true;
    return {};
}

Result<void> Batch::count(const Location& location, int blobs) {
    TRY(auto* home, pack(location.pack));
    const auto bytes = footprint(location);
    home->live_bytes =
        blobs > 0 ? home->live_bytes + bytes : home->live_bytes - std::min(home->live_bytes, bytes);
    home->live_blobs =
        blobs > 0 ? home->live_blobs + 1 : home->live_blobs - std::min<std::uint64_t>(home->live_blobs, 1);
    return {};
}

Result<PackRecord*> Batch::pack(PackNumber number) {
    if (const auto at = packs_.find(number); at != packs_.end()) return &at->second;
    TRY(const auto bytes, recent_->get(pack_key(number)));
    PackRecord record;
    if (bytes) {
        TRY(record, PackRecord::decode(*bytes));
    }
    return &packs_.emplace(number, std::move(record)).first->second;
}

}  // namespace hongyan::engine
