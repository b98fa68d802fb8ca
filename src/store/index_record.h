// What an account's full-text index consists of: docs/formats/index.md. For this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "index/segment.h"
#include "store/types.h"

namespace hongyan::store {

struct Segment {
    SegmentId id;
    MessageId first;             // of the messages that it covers
    index::Shape shape;          // so many numbers it covers
    std::uint64_t messages = 0;  // that it was made of
    std::uint64_t bytes = 0;     // of its blocks

    // Behind the last that it covers.
    MessageId end() const { return MessageId(first.value() + shape.span); }
    bool covers(MessageId message) const { return message >= first && message < end(); }

    friend bool operator==(const Segment&, const Segment&) = default;
};

// The account's record of its index. Messages that no segment covers are not indexed yet.
struct IndexState {
    SegmentId next{1};
    std::vector<Segment> segments;  // ascending, they do not overlap
    std::string unknown;            // fields of a newer version

    bool has(SegmentId id) const;

    friend bool operator==(const IndexState&, const IndexState&) = default;
};

// How texts become terms; an index of another version is none.
inline constexpr std::uint32_t text_version = 1;

std::string encode(const IndexState& state);
Result<IndexState> decode_index(std::string_view bytes);
// Where there is none yet, or one of another version, an empty one.
Result<IndexState> read_index(const engine::Reader& reader);

std::string block_key(SegmentId segment, index::Column column, index::Half half, std::uint32_t block);
// The blocks of a segment as the engine has them.
std::unique_ptr<index::Blocks> blocks_of(const engine::Reader& reader, SegmentId segment);

}  // namespace hongyan::store
