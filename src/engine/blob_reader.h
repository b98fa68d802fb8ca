// Finds the bytes of a blob, wherever they lie, and sees to it that they are those which were kept.
#pragma once

#include "engine/backend.h"
#include "engine/packs.h"

namespace hongyan::engine {

// May be used from any thread.
class BlobReader {
public:
    // `packs` is null where all frames stay in the backend.
    BlobReader(const Backend& backend, const Packs* packs) : backend_(backend), packs_(packs) {}

    // With `before` put before it. A record in a pack carries a checksum, which finds what a disk damages:
    // its content is not hashed again (docs/decisions/0025).
    Result<std::string> read(const BlobId& id, std::string_view before = {}) const;
    // The content that `record` speaks of, compared with its hash wherever it lies.
    Result<std::string> verify(const BlobId& id, const BlobRecord& record) const;
    Result<std::string> read_frame(const BlobId& id, const Location& location) const;

private:
    Result<std::string> read(const BlobId& id, const BlobRecord& record, std::string_view before) const;
    Result<std::string> read_inline(const BlobId& id, const Location& location) const;
    Result<std::string_view> frame_of(const BlobId& id, const Location& location, std::string& buffer) const;

    const Backend& backend_;
    const Packs* packs_;
};

}  // namespace hongyan::engine
