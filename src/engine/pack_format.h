// The bytes of a pack (docs/formats/packs.md). Readers and writers stand side by side here; where packs lie
// and how they grow is the subject of packs.h.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/records.h"

namespace hongyan::engine {

// pack = header *record [index trailer]
inline constexpr std::size_t pack_header_size = 20;  // bytes
std::string pack_header(PackNumber number);
Result<PackNumber> parse_pack_header(std::string_view bytes);

// record = length flags id crc frame
inline constexpr std::size_t record_header_size = 41;  // bytes before the frame
inline constexpr std::uint32_t max_frame_size = std::uint32_t{1} << 31U;

struct RecordHeader {
    std::uint32_t length = 0;  // of the frame, in bytes
    bool compressed = false;
    BlobId id{};
    std::uint32_t crc = 0;  // of everything else in the record
};

// Bytes a frame takes in a pack.
constexpr std::uint64_t record_size(std::uint64_t frame) { return record_header_size + frame; }

// The same for a frame wherever it lies.
constexpr std::uint64_t footprint(const Location& location) {
    return location.pack == kept_inline ? location.length : record_size(location.length);
}

void append_record(std::string& out, const BlobId& id, bool compressed, std::string_view frame);
// What the first bytes of a record say; they are not verified yet.
Result<RecordHeader> parse_record_header(std::string_view bytes);
// The frame in a whole record, which must be that of the blob `id`.
Result<std::string_view> frame_of(std::string_view record, const BlobId& id);

// index = *entry; trailer = the index' offset, count, crc, mark. Only in a sealed pack.
struct IndexEntry {
    BlobId id;
    std::uint64_t offset = 0;  // of the record, from the start of the file
    std::uint32_t length = 0;  // of the frame
    bool compressed = false;

    friend bool operator==(const IndexEntry&, const IndexEntry&) = default;
};

// Index and trailer as they follow the records, which end at `offset`.
std::string encode_index(const std::vector<IndexEntry>& entries, std::uint64_t offset);

// Bytes at an offset, fewer only at the end.
using ReadAt = std::function<Result<std::string>(std::uint64_t offset, std::size_t length)>;

// Reads the index of a sealed pack of `size` bytes.
Result<std::vector<IndexEntry>> read_index(const ReadAt& read, std::uint64_t size);
// Walks the records from header to header, as far as `end`. Frames are not looked at.
Result<std::vector<IndexEntry>> walk_records(const ReadAt& read, std::uint64_t end);

}  // namespace hongyan::engine
