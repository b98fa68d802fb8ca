#include "engine/blob_reader.h"

#include "engine/blob.h"
#include "engine/ledger.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

// Unpacking more takes a millisecond, which is waiting too for whoever shares the thread.
constexpr std::uint64_t soon_unpacked = std::uint64_t{512} << 10U;  // bytes

}  // namespace

Result<std::string> BlobReader::read(const BlobId& id) const {
    std::optional<Location> tried;
    for (;;) {
        TRY(const auto record, find_blob(backend_.latest(), id));
        if (!record) return fail(Error::Kind::not_found, "there is no blob {}", id.hex());
        auto content = read(id, *record);
        // Its pack may have been rewritten between the two looks: then it lies elsewhere now.
        if (content || record->location == tried) return content;
        tried = record->location;
    }
}

Result<std::string> BlobReader::read(const BlobId& id, const BlobRecord& record) const {
    if (record.size > soon_unpacked && WithoutWaiting::is_asked_for()) return WithoutWaiting::miss();
    TRY(const auto frame, read_frame(id, record.location));
    auto content = unpack_frame(frame, record.compressed, record.size);
    if (!content) return fail(std::move(content).error(), fmt::format("blob {}", id.hex()));
    if (BlobId::of(*content) != id)
        return fail(Error::Kind::corrupt, "blob {} holds other bytes than were kept", id.hex());
    return content;
}

Result<std::string> BlobReader::read_frame(const BlobId& id, const Location& location) const {
    if (location.pack != kept_inline) {
        if (packs_ != nullptr) return packs_->read(id, location);
        return fail(Error::Kind::corrupt, "blob {} lies in pack {}, and there are none", id.hex(),
                    location.pack);
    }
    TRY(auto frame, backend_.latest().get(inline_key(id)));
    if (!frame || frame->size() != location.length)
        return fail(Error::Kind::corrupt, "the bytes of blob {} are missing", id.hex());
    return *std::move(frame);
}

}  // namespace hongyan::engine
