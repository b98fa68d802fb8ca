// Finds the bytes of a blob, wherever they lie, and verifies them.
#pragma once

#include "engine/backend.h"
#include "engine/packs.h"

namespace hongyan::engine {

// May be used from any thread.
class BlobReader {
public:
    // `packs` is null where all frames stay in the backend.
    BlobReader(const Backend& backend, const Packs* packs) : backend_(backend), packs_(packs) {}

    Result<std::string> read(const BlobId& id) const;
    // The content that `record` speaks of, checked against its hash.
    Result<std::string> read(const BlobId& id, const BlobRecord& record) const;
    Result<std::string> read_frame(const BlobId& id, const Location& location) const;

private:
    const Backend& backend_;
    const Packs* packs_;
};

}  // namespace hongyan::engine
