#include "engine/local_engine.h"

#include "engine/blob.h"

namespace hongyan::engine {

std::unique_ptr<Snapshot> LocalEngine::snapshot(const Scope& scope) {
    return scoped(backend_->snapshot(), scope);
}

void LocalEngine::submit(std::vector<Part> parts, Together together,
                         std::function<void(std::vector<Result<void>>)> done) {
    committer_.submit(std::move(parts), together, std::move(done));
}

Result<std::string> LocalEngine::read_blob(const BlobId& id) const {
    TRY(const auto record, find_blob(backend_->latest(), id));
    if (!record) return fail(Error::Kind::not_found, "there is no blob {}", id.hex());
    TRY(const auto frame, read_frame(id, *record));
    auto content = unpack_frame(frame, record->compressed, record->size);
    if (!content) return fail(std::move(content).error(), fmt::format("blob {}", id.hex()));
    if (BlobId::of(*content) != id)
        return fail(Error::Kind::corrupt, "blob {} holds other bytes than were kept", id.hex());
    return content;
}

Result<std::string> LocalEngine::read_frame(const BlobId& id, const BlobRecord& record) const {
    TRY(auto frame, backend_->latest().get(inline_key(id)));
    if (!frame || frame->size() != record.location.length)
        return fail(Error::Kind::corrupt, "the bytes of blob {} are missing", id.hex());
    return *std::move(frame);
}

Statistics LocalEngine::statistics() const {
    Statistics statistics;
    statistics.transactions = committer_.transactions();
    statistics.batches = committer_.batches();
    const auto cursor = backend_->latest().scan(Range::starting_with(pack_prefix));
    for (; cursor->valid(); cursor->next()) {
        const auto record = PackRecord::decode(cursor->value());
        if (!record) continue;
        statistics.blobs += record->live_blobs;
        statistics.blob_bytes += record->live_bytes;
    }
    return statistics;
}

}  // namespace hongyan::engine
