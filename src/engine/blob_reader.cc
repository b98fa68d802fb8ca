#include "engine/blob_reader.h"

#include "engine/blob.h"
#include "engine/ledger.h"
#include "engine/without_waiting.h"

namespace hongyan::engine {

namespace {

// Unpacking more takes a millisecond, which is waiting too for whoever shares the thread.
constexpr std::uint64_t soon_unpacked = std::uint64_t{512} << 10U;  // bytes

// What a thread reads records into: in memory taken anew for each the kernel would have to clear every page.
struct Scratch {
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        constexpr std::size_t kept = std::size_t{128} << 10U;  // bytes, for each thread that reads
        if (buffer.capacity() > kept) std::string().swap(buffer);
    }

    inline static thread_local std::string buffer;
};

Result<void> compare(std::string_view content, const BlobId& id) {
    if (BlobId::of(content) == id) return {};
    return fail(Error::Kind::corrupt, "blob {} holds other bytes than were kept", id.hex());
}

}  // namespace

Result<std::string> BlobReader::read(const BlobId& id, std::string_view before) const {
    std::optional<Location> tried;
    for (;;) {
        TRY(const auto record, find_blob(backend_.latest(), id));
        if (!record) return fail(Error::Kind::not_found, "there is no blob {}", id.hex());
        auto content = read(id, *record, before);
        // Its pack may have been rewritten between the two looks: then it lies elsewhere now.
        if (content || record->location == tried) return content;
        tried = record->location;
    }
}

Result<std::string> BlobReader::read(const BlobId& id, const BlobRecord& record,
                                     std::string_view before) const {
    if (record.size > soon_unpacked && WithoutWaiting::is_asked_for()) return WithoutWaiting::miss();
    const Scratch scratch;
    TRY(const auto frame, frame_of(id, record.location, scratch.buffer));
    auto content = unpack_frame(frame, record.compressed, record.size, before);
    if (!content) return fail(std::move(content).error(), fmt::format("blob {}", id.hex()));
    if (record.location.pack == kept_inline)
        TRY(compare(std::string_view(*content).substr(before.size()), id));
    return content;
}

Result<std::string> BlobReader::verify(const BlobId& id, const BlobRecord& record) const {
    TRY(auto content, read(id, record, {}));
    TRY(compare(content, id));
    return content;
}

Result<std::string_view> BlobReader::frame_of(const BlobId& id, const Location& location,
                                              std::string& buffer) const {
    if (location.pack != kept_inline && packs_ != nullptr) return packs_->read(id, location, buffer);
    TRY(buffer, read_inline(id, location));
    return buffer;
}

Result<std::string> BlobReader::read_frame(const BlobId& id, const Location& location) const {
    if (location.pack != kept_inline && packs_ != nullptr) return packs_->read(id, location);
    return read_inline(id, location);
}

Result<std::string> BlobReader::read_inline(const BlobId& id, const Location& location) const {
    if (location.pack != kept_inline)
        return fail(Error::Kind::corrupt, "blob {} lies in pack {}, and there are none", id.hex(),
                    location.pack);
    TRY(auto frame, backend_.latest().get(inline_key(id)));
    if (!frame || frame->size() != location.length)
        return fail(Error::Kind::corrupt, "the bytes of blob {} are missing", id.hex());
    return *std::move(frame);
}

}  // namespace hongyan::engine
