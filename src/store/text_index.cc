#include "store/text_index.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "index/segment.h"
#include "store/index_record.h"

namespace hongyan::store {
namespace {

using index::Column;
using index::Numbers;

struct FieldRow {
    std::string_view name;
    TextField field;
};
constexpr std::array named_fields{
    FieldRow{"Subject", TextField::subject}, FieldRow{"From", TextField::from},
    FieldRow{"To", TextField::to},           FieldRow{"Cc", TextField::cc},
    FieldRow{"Bcc", TextField::bcc},         FieldRow{"Message-ID", TextField::message_id},
};

struct Where {
    std::vector<Column> columns;  // any of them
    bool is_whole = true;         // what is in the column is in the field
};
Where columns_of(TextField field) {
    switch (field) {
        case TextField::subject:
            return {{Column::subject}};
        case TextField::from:
            return {{Column::from}};
        case TextField::to:
            return {{Column::to}};
        case TextField::cc:
            return {{Column::cc}};
        case TextField::bcc:
            return {{Column::bcc}};
        case TextField::message_id:
            return {{Column::message_id}};
        case TextField::other_field:
            return {{Column::header}, false};
        case TextField::body:
            return {{Column::body}};
        case TextField::text:
            return {{Column::header, Column::body}};
    }
    return {};
}

struct Answer {
    Numbers sure;
    Numbers possible;
};

// An empty needle is in every text, even in one that has no terms.
Result<Answer> answer(index::Blocks& blocks, const index::Shape& shape, TextField field,
                      std::string_view needle) {
    Answer all{Numbers(shape.span), Numbers(shape.span)};
    const auto where = columns_of(field);
    for (const auto column : where.columns) {
        const auto asked = question(index::kind_of(column), needle);
        TRY(const auto found, index::find(blocks, column, shape, asked.patterns));
        all.possible |= found;
        if (asked.is_exact && where.is_whole) all.sure |= found;
    }
    const std::array<index::Pattern, 1> any{index::Pattern(1, index::end_of_term)};
    TRY(const auto unread, index::find(blocks, Column::unread, shape, any));
    all.sure -= unread;
    all.possible |= unread;
    return all;
}

}  // namespace

TextField text_field(std::string_view header_field) {
    const auto* const row = std::ranges::find_if(
        named_fields, [&](const FieldRow& named) { return ascii::iequals(named.name, header_field); });
    return row == named_fields.end() ? TextField::other_field : row->field;
}

std::optional<bool> Candidates::about(MessageId message) const {
    const auto after = std::ranges::upper_bound(pieces_, message, {}, &Piece::first);
    if (after == pieces_.begin()) return std::nullopt;
    const auto& piece = *std::prev(after);
    const auto distance = message.value() - piece.first.value();
    if (distance >= piece.sure.span()) return std::nullopt;
    const auto offset = static_cast<index::Offset>(distance);
    if (piece.sure.contains(offset)) return true;
    if (!piece.possible.contains(offset)) return false;
    return std::nullopt;
}

Candidates& Candidates::operator&=(const Candidates& other) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        pieces_[i].sure &= other.pieces_[i].sure;
        pieces_[i].possible &= other.pieces_[i].possible;
    }
    return *this;
}

Candidates& Candidates::operator|=(const Candidates& other) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        pieces_[i].sure |= other.pieces_[i].sure;
        pieces_[i].possible |= other.pieces_[i].possible;
    }
    return *this;
}

void Candidates::negate() {
    for (auto& piece : pieces_) {
        std::swap(piece.sure, piece.possible);
        piece.sure.invert();
        piece.possible.invert();
    }
}

std::uint64_t Candidates::possible() const {
    std::uint64_t sum = 0;
    for (const auto& piece : pieces_) sum += piece.possible.count();
    return sum;
}

TextIndex::TextIndex(const engine::Reader& reader, const IndexState& state, MessageId next_message)
    : reader_(reader), segments_(state.segments) {
    MessageId covered(1);
    for (const auto& segment : segments_) {
        if (segment.first > covered) not_indexed_.push_back({covered, segment.first});
        covered = segment.end();
    }
    if (covered < next_message) not_indexed_.push_back({covered, next_message});
}

TextIndex::~TextIndex() = default;
TextIndex::TextIndex(TextIndex&&) noexcept = default;

Candidates TextIndex::alike(bool sure) const {
    std::vector<Candidates::Piece> pieces;
    for (const auto& segment : segments_) {
        const auto span = segment.shape.span;
        pieces.push_back({segment.first, sure ? Numbers::all(span) : Numbers(span), Numbers::all(span)});
    }
    return Candidates(std::move(pieces));
}

Result<Candidates> TextIndex::candidates(TextField field, std::string_view folded_needle) {
    std::vector<Candidates::Piece> pieces;
    for (const auto& segment : segments_) {
        const auto blocks = blocks_of(reader_, segment.id);
        auto found = answer(*blocks, segment.shape, field, folded_needle);
        if (!found && found.error().kind != Error::Kind::corrupt) return std::unexpected(found.error());
        if (!found && std::ranges::find(damaged_, segment.id) == damaged_.end())
            damaged_.push_back(segment.id);
        if (!found) found = Answer{Numbers(segment.shape.span), Numbers::all(segment.shape.span)};
        pieces.push_back({segment.first, std::move(found->sure), std::move(found->possible)});
    }
    return Candidates(std::move(pieces));
}

}  // namespace hongyan::store
