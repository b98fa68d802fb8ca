// A segment in memory, for tests.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "index/segment.h"

namespace hongyan::index {

class MemoryBlocks : public Blocks {
public:
    using Key = std::tuple<Column, Half, std::uint32_t>;

    explicit MemoryBlocks(Offset span) { shape_.span = span; }

    Result<std::string_view> read(Column column, Half half, std::uint32_t block) override {
        const auto value = values_.find({column, half, block});
        if (value == values_.end()) return fail(Error::Kind::corrupt, "a block is missing");
        return std::string_view(value->second);
    }
    Sink sink() {
        return [this](Column column, Half half, std::uint32_t block, std::string value) -> Result<void> {
            values_[{column, half, block}] = std::move(value);
            return {};
        };
    }
    void set_counts(const BlockCounts& counts) { shape_.blocks = counts; }

    const Shape& shape() const { return shape_; }
    std::map<Key, std::string>& values() { return values_; }

private:
    std::map<Key, std::string> values_;
    Shape shape_;
};

}  // namespace hongyan::index
