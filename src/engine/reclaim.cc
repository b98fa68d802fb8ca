#include "engine/reclaim.h"

#include "base/guarded.h"
#include "engine/pack_format.h"

namespace hongyan::engine {

namespace {

// Bytes moved in one turn; small enough that deliveries waiting behind it do not notice.
constexpr std::size_t portion_size = std::size_t{2} << 20U;

bool is_mostly_garbage(const PackRecord& record) {
    return record.sealed && garbage_in(record) * 2 > record.length - pack_header_size;
}

}  // namespace

std::uint64_t garbage_in(const PackRecord& record) {
    const auto kept = pack_header_size + record.live_bytes;
    return record.length > kept ? record.length - kept : 0;
}

Result<void> Reclaimer::run() {
    if (storage_.packs == nullptr) return {};
    TRY(const auto packs, load_pack_records(storage_.backend.latest()));
    Result<void> outcome;
    for (const auto& pack : packs) {
        const auto& [number, record] = pack;
        if (is_stopped()) break;
        if (!is_mostly_garbage(record)) continue;
        // A belief of ours that one pack breaks is no reason to leave the others as they are.
        auto done = guarded([&] { return rewrite(pack.first, pack.second); });
        if (!done) outcome = fail(std::move(done).error(), fmt::format("cannot reclaim pack {}", number));
    }
    return outcome;
}

Result<void> Reclaimer::rewrite(PackNumber number, const PackRecord& record) {
    TRY(const auto entries, storage_.packs->entries(number, record.length));
    std::vector<std::pair<IndexEntry, std::string>> portion;
    std::size_t size = 0;
    for (const auto& entry : entries) {
        TRY(const bool lives, lives_there(entry, number));
        if (!lives) continue;
        TRY(auto frame, reader_.read_frame(entry.id, {number, entry.offset, entry.length}));
        size += frame.size();
        portion.emplace_back(entry, std::move(frame));
        if (size < portion_size) continue;
        TRY(move(std::exchange(portion, {}), number));
        size = 0;
        if (is_stopped()) return {};  // the rest stays where it is
    }
    if (!portion.empty()) TRY(move(std::move(portion), number));
    TRY(committer_.run_chore([number](Batch& batch) { return batch.forget_pack(number); }));
    return committer_.run_chore([this, number](Batch&) { return storage_.packs->remove(number); });
}

Result<bool> Reclaimer::lives_there(const IndexEntry& entry, PackNumber number) const {
    TRY(const auto record, find_blob(storage_.backend.latest(), entry.id));
    return record && record->location.pack == number && record->location.offset == entry.offset;
}

Result<void> Reclaimer::move(std::vector<std::pair<IndexEntry, std::string>> portion, PackNumber number) {
    return committer_.run_chore([&portion, number](Batch& batch) -> Result<void> {
        for (const auto& [entry, frame] : portion)
            TRY(batch.move(entry.id, {number, entry.offset, entry.length}, frame));
        return {};
    });
}

}  // namespace hongyan::engine
