// Which messages of an account may contain a text, without reading them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "index/numbers.h"
#include "store/types.h"

namespace hongyan::store {

// Where a text is looked for: docs/formats/index.md says what each consists of.
enum class TextField {
    subject,
    from,
    to,
    cc,
    bcc,
    message_id,
    other_field,  // any other one of the header: never more than candidates
    body,
    text,  // header or body
};
TextField text_field(std::string_view header_field);

// Messages [first, end).
struct MessageRange {
    MessageId first;
    MessageId end;

    std::uint64_t size() const { return end.value() - first.value(); }
    friend bool operator==(const MessageRange&, const MessageRange&) = default;
};

// What is known of a question to each message: that it surely is so, that it cannot be, or that one has to
// look into the message. Answers to several questions can be joined as the questions are. A value of its own.
class Candidates {
public:
    struct Piece {
        MessageId first;
        index::Numbers sure;
        index::Numbers possible;  // the sure ones included
    };
    // Ascending. Of what is in no piece nothing is known.
    explicit Candidates(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

    // Nothing: look into it.
    std::optional<bool> about(MessageId message) const;

    // Both of one index, from one view.
    Candidates& operator&=(const Candidates& other);
    Candidates& operator|=(const Candidates& other);
    void negate();

    // How many messages of those in pieces it can be.
    std::uint64_t possible() const;
    // In ascending order; some may have been expunged since.
    template <typename Each>
    void each_possible(Each each) const {
        for (const auto& piece : pieces_)
            piece.possible.each([&](index::Offset offset) { each(MessageId(piece.first.value() + offset)); });
    }

private:
    std::vector<Piece> pieces_;
};

struct Segment;
struct IndexState;

// The full-text index as a View has it; must not outlive that, and is for the same thread.
class TextIndex {
public:
    TextIndex(const engine::Reader& reader, const IndexState& state, MessageId next_message);
    ~TextIndex();
    TextIndex(TextIndex&&) noexcept;
    TextIndex& operator=(TextIndex&&) = delete;

    // Messages with the needle in this field; it is folded (message/text_search.h). Reads the terms of the
    // field: about 1 ms for each 10,000 messages in `text`, a tenth of that in the fields of the header.
    // Where the index is damaged, nothing is known.
    Result<Candidates> candidates(TextField field, std::string_view folded_needle);

    Candidates nothing_known() const { return alike(false); }
    Candidates everything() const { return alike(true); }

    // What of the account is in no segment: of these messages nothing is known.
    const std::vector<MessageRange>& not_indexed() const { return not_indexed_; }
    // Segments that could not be read (Account::forget_segments).
    const std::vector<SegmentId>& damaged() const { return damaged_; }

private:
    Candidates alike(bool sure) const;

    const engine::Reader& reader_;
    std::vector<Segment> segments_;
    std::vector<MessageRange> not_indexed_;
    std::vector<SegmentId> damaged_;
};

}  // namespace hongyan::store
