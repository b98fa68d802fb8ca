// Any bytes as the blocks of a segment are refused as damage, or answer; what they hold can be merged, and
// what comes of that is a segment.
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "index/builder.h"
#include "index/testing/memory_blocks.h"

namespace {

using namespace hongyan;
using namespace hongyan::index;

constexpr Offset span = 1'000;
constexpr std::array columns{Column::subject, Column::body};
constexpr std::uint32_t blocks_each = 2;

// As many values as the blocks need, each with its length before it; the last ones may be missing.
MemoryBlocks blocks_of(std::string_view bytes) {
    MemoryBlocks blocks(span);
    BlockCounts counts{};
    const auto sink = blocks.sink();
    for (const auto column : columns) {
        counts[static_cast<std::size_t>(column)] = blocks_each;
        for (std::uint32_t block = 0; block < blocks_each; ++block)
            for (const auto half : {Half::terms, Half::lists})
                if (const auto value = bytes::take_text(bytes))
                    check(sink(column, half, block, std::string(*value)).has_value(), "memory keeps it");
    }
    blocks.set_counts(counts);
    return blocks;
}

template <typename Value>
bool is_sound(const Result<Value>& result) {
    if (result) return true;
    check(result.error().kind == Error::Kind::corrupt, "blocks are only refused for damage");
    return false;
}

Result<std::uint64_t> walk(Blocks& blocks, Column column, const Shape& shape) {
    TermWalk terms(blocks, column, shape);
    for (std::uint64_t count = 0;; ++count) {
        TRY(const auto more, terms.next());
        if (!more) return count;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    auto blocks = blocks_of(bytes);
    for (const auto column : columns) {
        is_sound(walk(blocks, column, blocks.shape()));
        for (const auto* const pattern : {"A", "\n", "\nA", "A\n", "\nAB\n"}) {
            const std::vector<Pattern> patterns{pattern, "B"};
            is_sound(find(blocks, column, blocks.shape(), patterns));
        }
    }
    const std::array sources{Source{blocks, blocks.shape(), 0}, Source{blocks, blocks.shape(), span}};
    MemoryBlocks merged(2 * span);
    const auto counts = merge(sources, Numbers::all(2 * span), merged.sink());
    if (!is_sound(counts)) return 0;
    merged.set_counts(*counts);
    for (const auto column : columns)
        check(walk(merged, column, merged.shape()).has_value(), "what is merged is a segment");
    return 0;
}
