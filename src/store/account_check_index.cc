// The full-text index of an account: whatever is wrong with it is forgotten and made anew from the messages.
#include <algorithm>

#include "store/account_check.h"
#include "store/keys.h"

namespace hongyan::store {
namespace {

// Reads all there is of a segment. Error: corrupt.
Result<void> walk(const engine::Reader& reader, const Segment& segment) {
    const auto blocks = blocks_of(reader, segment.id);
    for (std::size_t column = 0; column < index::column_count; ++column) {
        index::TermWalk terms(*blocks, static_cast<index::Column>(column), segment.shape);
        for (bool more = true; more;) {
            TRY(more, terms.next());
        }
    }
    return {};
}

}  // namespace

Result<void> AccountCheck::compare_index() {
    auto state = read_index(*snapshot_);
    if (!state && state.error().kind != Error::Kind::corrupt) return std::unexpected(state.error());
    if (!state) {
        found("the record of the full-text index is damaged");
        records_[keys::index()] = std::nullopt;
        return compare_blocks(IndexState{});
    }
    const auto before = state->segments.size();
    Result<void> failure;
    std::erase_if(state->segments, [&](const Segment& segment) {
        const auto walked = walk(*snapshot_, segment);
        if (!walked && walked.error().kind != Error::Kind::corrupt) failure = walked;
        const bool is_beyond = segment.end() > account_.next_message;
        if (!walked || is_beyond)
            found(fmt::format("segment {} of the full-text index is damaged", segment.id));
        return !walked || is_beyond;
    });
    TRY(failure);
    if (state->segments.size() != before) records_[keys::index()] = encode(*state);
    return compare_blocks(*state);
}

// Blocks of no segment are what an interruption leaves, and nothing wrong; of what is damaged they are
// erased.
Result<void> AccountCheck::compare_blocks(const IndexState& state) {
    if (!records_.contains(keys::index())) return {};
    const auto cursor = snapshot_->scan(engine::Range::starting_with(std::string(1, keys::index_letter)));
    for (; cursor->valid(); cursor->next()) {
        const auto id = keys::number_at<SegmentId>(cursor->key(), keys::after_letter);
        if (id && !state.has(*id)) records_[std::string(cursor->key())] = std::nullopt;
    }
    return cursor->status();
}

}  // namespace hongyan::store
