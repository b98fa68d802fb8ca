#include "store/index_record.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/record.h"
#include "store/fields.h"
#include "store/keys.h"

namespace hongyan::store {
namespace {

// Numbers on disk: never given to another field.
enum Tag : FieldTag { tag_next = 1, tag_text_version = 2, tag_segment = 3 };

std::string to_text(const Segment& segment) {
    std::string out;
    for (const auto number : {std::uint64_t{segment.id.value()}, segment.first.value(),
                              std::uint64_t{segment.shape.span}, segment.messages, segment.bytes})
        bytes::put_varint(out, number);
    for (const auto count : segment.shape.blocks) bytes::put_varint(out, count);
    return out;
}

// Reads numbers one after another; a failure sticks.
class Numbers {
public:
    explicit Numbers(std::string_view text) : rest_(text) {}

    std::uint64_t next(std::uint64_t most) {
        const auto number = bytes::take_varint(rest_);
        if (number && *number <= most) return *number;
        failed_ = true;
        return 0;
    }
    bool complete() const { return !failed_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool failed_ = false;
};

bool from_text(std::string_view text, Segment& segment) {
    Numbers in(text);
    segment.id = SegmentId(static_cast<std::uint32_t>(in.next(UINT32_MAX)));
    segment.first = MessageId(in.next(UINT64_MAX - index::max_span));
    segment.shape.span = static_cast<index::Offset>(in.next(index::max_span));
    segment.messages = in.next(index::max_span);
    segment.bytes = in.next(UINT64_MAX);
    for (auto& count : segment.shape.blocks) count = static_cast<std::uint32_t>(in.next(UINT32_MAX));
    return in.complete();
}

bool are_in_order(const std::vector<Segment>& segments) {
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i].shape.span == 0) return false;
        if (i > 0 && segments[i].first < segments[i - 1].end()) return false;
    }
    return true;
}

}  // namespace

bool IndexState::has(SegmentId id) const {
    return std::ranges::find(segments, id, &Segment::id) != segments.end();
}

std::string encode(const IndexState& state) {
    RecordWriter out(record_version);
    out.number(tag_next, state.next.value()).number(tag_text_version, text_version);
    for (const auto& segment : state.segments) out.text(tag_segment, to_text(segment));
    return out.fields(state.unknown).take();
}

Result<IndexState> decode_index(std::string_view bytes) {
    IndexState state;
    std::uint64_t version = 0;
    bool failed = false;
    RecordReader in(bytes);
    while (in.next()) switch (in.tag()) {
            case tag_next:
                state.next = SegmentId(static_cast<std::uint32_t>(in.number()));
                break;
            case tag_text_version:
                version = in.number();
                break;
            case tag_segment:
                failed |= !from_text(in.text(), state.segments.emplace_back());
                break;
            default:
                state.unknown += in.field();
        }
    if (in.failed() || failed || !are_in_order(state.segments))
        return fail(Error::Kind::corrupt, "the record of the full-text index is damaged");
    if (version != text_version) state.segments.clear();
    return state;
}

Result<IndexState> read_index(const engine::Reader& reader) {
    TRY(const auto bytes, reader.get(keys::index()));
    if (!bytes) return IndexState{};
    return decode_index(*bytes);
}

std::string block_key(SegmentId segment, index::Column column, index::Half half, std::uint32_t block) {
    auto key = keys::segment(segment);
    key.push_back(static_cast<char>(column));
    key.push_back(static_cast<char>(half));
    bytes::put_big_endian(key, block);
    return key;
}

namespace {

// Blocks of a kind lie side by side and are mostly read one after the other.
class Run {
public:
    Run(const engine::Reader& reader, SegmentId segment)
        : cursor_(reader.scan(engine::Range::starting_with(keys::segment(segment)))) {}

    Result<std::string_view> read(const std::string& key, std::string_view predecessor) {
        if (cursor_->valid() && cursor_->key() == predecessor)
            cursor_->next();
        else
            cursor_->seek(key);
        TRY(cursor_->status());
        if (!cursor_->valid() || cursor_->key() != key)
            return fail(Error::Kind::corrupt, "a block of the full-text index is missing");
        return cursor_->value();
    }

private:
    std::unique_ptr<engine::Cursor> cursor_;
};

class StoredBlocks : public index::Blocks {
public:
    StoredBlocks(const engine::Reader& reader, SegmentId segment)
        : segment_(segment), terms_(reader, segment), lists_(reader, segment) {}

    Result<std::string_view> read(index::Column column, index::Half half, std::uint32_t block) override {
        const auto key = block_key(segment_, column, half, block);
        const auto predecessor = block == 0 ? std::string() : block_key(segment_, column, half, block - 1);
        return (half == index::Half::terms ? terms_ : lists_).read(key, predecessor);
    }

private:
    SegmentId segment_;
    Run terms_;
    Run lists_;
};

}  // namespace

std::unique_ptr<index::Blocks> blocks_of(const engine::Reader& reader, SegmentId segment) {
    return std::make_unique<StoredBlocks>(reader, segment);
}

}  // namespace hongyan::store
