// The records the engine keeps about blobs and packs (docs/formats/engine.md).
#pragma once

#include "base/record.h"
#include "engine/keys.h"

namespace hongyan::engine {

inline constexpr PackNumber kept_inline{0};  // not a file but the key-value store: small frames stay there

// Where a frame lies.
struct Location {
    PackNumber pack{};
    std::uint64_t offset = 0;  // of the pack's record, in bytes from the start of the file
    std::uint32_t length = 0;  // of the frame, in bytes

    friend bool operator==(const Location&, const Location&) = default;
};

struct BlobRecord {
    std::uint64_t references = 0;
    std::uint64_t size = 0;  // bytes of the content
    bool compressed = false;
    Location location{};
    std::string unknown{};  // fields of a newer program

    std::string encode() const;
    static Result<BlobRecord> decode(std::string_view bytes);
    friend bool operator==(const BlobRecord&, const BlobRecord&) = default;
};

struct PackRecord {
    std::uint64_t length = 0;      // the high-water mark: bytes of the file that committed records may use
    std::uint64_t live_bytes = 0;  // of pack records whose blob is still referred to
    std::uint64_t live_blobs = 0;
    bool sealed = false;  // nothing more will be appended
    std::string unknown{};

    std::string encode() const;
    static Result<PackRecord> decode(std::string_view bytes);
    friend bool operator==(const PackRecord&, const PackRecord&) = default;
};

}  // namespace hongyan::engine
