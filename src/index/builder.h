// Makes a segment of messages, or of segments that follow one another.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "index/segment.h"

namespace hongyan::index {

// The texts of a message, folded; nothing where it has none. Columns without text stay empty.
using Texts = std::array<std::optional<std::string>, column_count>;

// Gathers the terms of some messages in memory. Belongs to one thread.
class Builder {
public:
    // In ascending order of offsets.
    void add(Offset offset, const Texts& texts);
    // Of this message nothing is known, so it is a candidate for every search.
    void add_unread(Offset offset);

    // Bytes that it keeps, about.
    std::size_t size() const { return size_; }
    Result<BlockCounts> write(const Sink& sink) const;

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Lists = std::unordered_map<std::string, std::vector<Offset>, Hash, std::equal_to<>>;

    void add_term(Lists& lists, std::string_view term, Offset offset);

    std::array<Lists, column_count> columns_;
    std::size_t size_ = 0;
};

// A segment to be merged: its numbers become larger by `shift`.
struct Source {
    Blocks& blocks;
    Shape shape;
    Offset shift = 0;
};

// The sources one behind the other as one segment; messages that `lives` does not contain are left out. The
// sources do not overlap and ascend.
Result<BlockCounts> merge(std::span<const Source> sources, const Numbers& lives, const Sink& sink);

}  // namespace hongyan::index
