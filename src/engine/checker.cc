#include "engine/checker.h"

#include "engine/pack_format.h"

namespace hongyan::engine {

namespace {

std::optional<BlobId> id_in(std::string_view key, std::string_view prefix) {
    return BlobId::from_bytes(key.substr(prefix.size()));
}

}  // namespace

Result<CheckReport> Checker::run() {
    if (request_.references != nullptr) not_seen_ = *request_.references;
    TRY(check_blobs());
    check_missing();
    TRY(check_inline_frames());
    TRY(check_packs());
    if (request_.repair && !repairs_.empty()) TRY(carry_out(std::move(repairs_)));
    return std::move(report_);
}

Result<void> Checker::check_blobs() {
    const auto everything = storage_.backend.snapshot();
    const auto cursor = everything->scan(Range::starting_with(blob_prefix));
    for (; cursor->valid(); cursor->next()) {
        const auto id = id_in(cursor->key(), blob_prefix);
        const auto record = BlobRecord::decode(cursor->value());
        if (!id)
            find("there is a record of a blob without a name", std::string(cursor->key()), std::nullopt);
        else if (!record)
            find(fmt::format("the record of blob {} is damaged", id->hex()));
        else
            TRY(check_blob(*id, *record));
    }
    return cursor->status();
}

Result<void> Checker::check_blob(const BlobId& id, const BlobRecord& record) {
    ++report_.blobs;
    report_.bytes += record.size;
    if (request_.read_blobs)
        if (const auto content = reader_.verify(id, record); !content) find(content.error().message);
    check_references(id, record);
    return {};
}

void Checker::check_references(const BlobId& id, BlobRecord record) {
    auto right = record.references;
    if (request_.references != nullptr) {
        const auto at = not_seen_.find(id);
        right = at == not_seen_.end() ? 0 : at->second;
        if (at != not_seen_.end()) not_seen_.erase(at);
    }
    if (right > 0) count(record);
    if (right == record.references && right > 0) return;
    auto what = fmt::format("blob {} is counted as kept {} times, and is {} times", id.hex(),
                            record.references, right);
    record.references = right;
    find(std::move(what), blob_key(id), right > 0 ? std::optional(record.encode()) : std::nullopt);
}

void Checker::count(const BlobRecord& record) {
    auto& pack = counted_[record.location.pack];
    pack.live_bytes += footprint(record.location);
    ++pack.live_blobs;
}

void Checker::check_missing() {
    for (const auto& [id, references] : not_seen_)
        find(fmt::format("blob {} is missing, and {} references speak of it", id.hex(), references));
}

Result<void> Checker::check_inline_frames() {
    const auto everything = storage_.backend.snapshot();
    const auto cursor = everything->scan(Range::starting_with(inline_prefix));
    for (; cursor->valid(); cursor->next()) {
        const auto id = id_in(cursor->key(), inline_prefix);
        TRY(const auto record, id ? everything->get(blob_key(*id)) : std::nullopt);
        const auto repair = id ? repairs_.find(blob_key(*id)) : repairs_.end();
        if (record && repair == repairs_.end()) continue;
        if (repair != repairs_.end() && repair->second) continue;
        find("the bytes of a blob are kept that nobody knows", std::string(cursor->key()), std::nullopt);
    }
    return cursor->status();
}

Result<void> Checker::check_packs() {
    PackRecords known;
    if (storage_.packs != nullptr) {
        TRY(known, load_pack_records(storage_.backend.latest()));
    }
    check_files(known);
    TRY(const auto inside, storage_.backend.latest().get(pack_key(kept_inline)));
    if (inside) {
        TRY(known[kept_inline], PackRecord::decode(*inside));
    }
    for (const auto& [number, right] : counted_) known.try_emplace(number);
    for (auto [number, record] : known) {
        const auto& right = counted_[number];
        if (record.live_blobs == right.live_blobs && record.live_bytes == right.live_bytes) continue;
        auto what = fmt::format("pack {} is said to hold {} blobs in {} bytes, and holds {} in {}", number,
                                record.live_blobs, record.live_bytes, right.live_blobs, right.live_bytes);
        record.live_blobs = right.live_blobs;
        record.live_bytes = right.live_bytes;
        find(std::move(what), pack_key(number), record.encode());
    }
    return {};
}

// A file that was cut is noticed without reading what is in it.
void Checker::check_files(const PackRecords& known) {
    for (const auto& [number, record] : known) {
        const auto size = storage_.packs->size(number);
        if (!size)
            find(fmt::format("the file of pack {} cannot be used: {}", number, size.error().message));
        else if (*size < record.length)
            find(fmt::format("the file of pack {} has {} bytes, and {} of them count", number, *size,
                             record.length));
    }
}

void Checker::find(std::string what) { report_.findings.push_back({std::move(what), false}); }

void Checker::find(std::string what, std::string key, std::optional<std::string> value) {
    report_.findings.push_back({std::move(what), request_.repair});
    repairs_.insert_or_assign(std::move(key), std::move(value));
}

Result<void> Checker::carry_out(Repairs repairs) {
    return committer_.run_chore([&repairs](Batch& batch) -> Result<void> {
        for (auto& [key, value] : repairs) batch.repair(key, value);
        return {};
    });
}

}  // namespace hongyan::engine
