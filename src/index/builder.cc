#include "index/builder.h"

#include <algorithm>
#include <list>

namespace hongyan::index {

// Building

namespace {

constexpr std::size_t bytes_a_term = 100;  // of the map, beside the term

std::string_view readable(const std::string& text, Kind kind) {
    // A field that is there without a value is a line that is empty.
    static constexpr std::string_view empty_line(&end_of_term, 1);
    return text.empty() && kind == Kind::values ? empty_line : std::string_view(text);
}

}  // namespace

void Builder::add_term(Lists& lists, std::string_view term, Offset offset) {
    auto place = lists.find(term);
    if (place == lists.end()) {
        place = lists.emplace(std::string(term), std::vector<Offset>()).first;
        size_ += term.size() + bytes_a_term;
    }
    auto& list = place->second;
    if (!list.empty() && list.back() == offset) return;
    list.push_back(offset);
    size_ += sizeof(Offset);
}

void Builder::add(Offset offset, const Texts& texts) {
    for (std::size_t column = 0; column < column_count; ++column) {
        if (!texts[column]) continue;
        const auto kind = kind_of(static_cast<Column>(column));
        Terms terms(kind, readable(*texts[column], kind));
        while (const auto term = terms.next()) add_term(columns_[column], *term, offset);
    }
}

void Builder::add_unread(Offset offset) {
    add_term(columns_[static_cast<std::size_t>(Column::unread)], "", offset);
}

Result<BlockCounts> Builder::write(const Sink& sink) const {
    Writer writer(sink);
    for (std::size_t column = 0; column < column_count; ++column) {
        std::vector<const Lists::value_type*> sorted;
        sorted.reserve(columns_[column].size());
        for (const auto& term : columns_[column]) sorted.push_back(&term);
        std::ranges::sort(sorted, {}, [](const auto* term) { return std::string_view(term->first); });
        for (const auto* term : sorted)
            TRY(writer.add(static_cast<Column>(column), term->first, term->second));
    }
    return writer.finish();
}

// Merging

namespace {

// One column of all sources.
class ColumnMerge {
public:
    ColumnMerge(std::span<const Source> sources, Column column, const Numbers& lives)
        : column_(column), lives_(lives) {
        for (const auto& source : sources)
            inputs_.push_back({TermWalk(source.blocks, column, source.shape), source.shift, false});
    }

    Result<void> write(Writer& writer) {
        for (auto& input : inputs_) {
            TRY(input.has_term, input.walk.next());
        }
        while (const auto* first = least()) {
            term_ = first->walk.term();
            TRY(take_offsets());
            if (!offsets_.empty()) TRY(writer.add(column_, term_, offsets_));
        }
        return {};
    }

private:
    struct Input {
        TermWalk walk;
        Offset shift;
        bool has_term;
    };

    const Input* least() const {
        const Input* found = nullptr;
        for (const auto& input : inputs_)
            if (input.has_term && (found == nullptr || input.walk.term() < found->walk.term()))
                found = &input;
        return found;
    }

    // Of the present term, out of all inputs that have it.
    Result<void> take_offsets() {
        offsets_.clear();
        for (auto& input : inputs_) {
            if (!input.has_term || input.walk.term() != term_) continue;
            for (const auto offset : input.walk.offsets())
                if (lives_.contains(offset + input.shift)) offsets_.push_back(offset + input.shift);
            TRY(input.has_term, input.walk.next());
        }
        return {};
    }

    Column column_;
    const Numbers& lives_;
    std::list<Input> inputs_;  // they stay where they are
    std::string term_;
    std::vector<Offset> offsets_;
};

}  // namespace

Result<BlockCounts> merge(std::span<const Source> sources, const Numbers& lives, const Sink& sink) {
    Writer writer(sink);
    for (std::size_t column = 0; column < column_count; ++column)
        TRY(ColumnMerge(sources, static_cast<Column>(column), lives).write(writer));
    return writer.finish();
}

}  // namespace hongyan::index
