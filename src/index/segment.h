// An immutable segment of the index: the terms of a run of messages, and which messages have each. It lies in
// blocks, each two values of the engine: terms side by side, to be searched as one text, and lists of
// messages in the order of the terms. Grammar: docs/formats/index.md.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "index/numbers.h"
#include "index/terms.h"

namespace hongyan::index {

// What texts of a message are told apart. Numbers on disk: never given to another.
enum class Column : std::uint8_t {
    unread = 0,  // no text: its one term, which is empty, has the messages that the segment knows nothing of
    subject = 1,
    from = 2,
    to = 3,
    cc = 4,
    bcc = 5,
    message_id = 6,
    header = 7,  // all of it, the fields above included
    body = 8,
};
inline constexpr std::size_t column_count = 9;
constexpr Kind kind_of(Column column) {
    return column == Column::header || column == Column::body ? Kind::words : Kind::values;
}

enum class Half : std::uint8_t { terms = 0, lists = 1 };

// Of how many blocks each column is.
using BlockCounts = std::array<std::uint32_t, column_count>;

struct Shape {
    Offset span = 0;  // all its numbers are below
    BlockCounts blocks{};

    friend bool operator==(const Shape&, const Shape&) = default;
};

// Where the values of one segment are read.
class Blocks {
public:
    virtual ~Blocks() = default;
    // Valid until the next call. Error: corrupt where it is missing.
    virtual Result<std::string_view> read(Column column, Half half, std::uint32_t block) = 0;
};

// Where they are written.
using Sink = std::function<Result<void>(Column, Half, std::uint32_t block, std::string value)>;

// A value is at most so long, whatever the terms and lists are.
inline constexpr std::size_t max_block_size = 64'000;

// Writes a segment: columns in their order, terms of each in the order of their bytes, each once.
class Writer {
public:
    explicit Writer(Sink sink) : sink_(std::move(sink)) {}

    // Offsets ascend and are below max_span.
    Result<void> add(Column column, std::string_view term, std::span<const Offset> offsets);
    // The last block; how many blocks there are.
    Result<BlockCounts> finish();

private:
    Result<void> flush();

    Sink sink_;
    Column column_ = Column::unread;
    BlockCounts counts_{};
    std::string terms_;
    std::string lists_;
    std::string list_;
};

// Walks the terms of a column in their order. Reads a block at a time.
class TermWalk {
public:
    TermWalk(Blocks& blocks, Column column, const Shape& shape)
        : blocks_(blocks), column_(column), shape_(shape) {}

    // False at the end. Term and offsets are valid until the next call. Error: corrupt.
    Result<bool> next();
    const std::string& term() const { return term_; }
    const std::vector<Offset>& offsets() const { return offsets_; }

private:
    Result<void> load();

    Blocks& blocks_;
    Column column_;
    Shape shape_;
    std::uint32_t next_block_ = 0;
    std::string terms_;
    std::string lists_;
    std::string_view terms_left_;
    std::string_view lists_left_;
    bool has_term_ = false;
    std::string term_;
    std::vector<Offset> offsets_;
};

// Which messages have all patterns in the column. Error: corrupt.
Result<Numbers> find(Blocks& blocks, Column column, const Shape& shape, std::span<const Pattern> patterns);

}  // namespace hongyan::index
