#include "index/segment.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace hongyan::index {
namespace {

// Terms are searched whether they match or not, lists are read where they do: so few bytes of both are read
// for one that matches.
constexpr std::size_t terms_size = 24'000;
constexpr std::size_t lists_size = 28'000;  // and the longest list, max_span / 8, still fits

std::unexpected<Error> damaged(Column column, std::uint32_t block) {
    return fail(Error::Kind::corrupt, "block {} of column {} of the index is damaged", block,
                static_cast<int>(column));
}

}  // namespace

// Writing

Result<void> Writer::add(Column column, std::string_view term, std::span<const Offset> offsets) {
    check(column >= column_, "columns are written in their order");
    if (column != column_) TRY(flush());
    column_ = column;
    list_.clear();
    put_list(list_, offsets);
    const bool is_full = terms_.size() + term.size() > terms_size ||
                         lists_.size() + list_.size() > max_block_size || lists_.size() > lists_size;
    if (is_full) TRY(flush());
    if (terms_.empty()) terms_ += end_of_term;
    terms_ += term;
    terms_ += end_of_term;
    lists_ += list_;
    return {};
}

Result<void> Writer::flush() {
    if (terms_.empty()) return {};
    auto& count = counts_[static_cast<std::size_t>(column_)];
    TRY(sink_(column_, Half::terms, count, std::move(terms_)));
    TRY(sink_(column_, Half::lists, count, std::move(lists_)));
    ++count;
    terms_.clear();
    lists_.clear();
    return {};
}

Result<BlockCounts> Writer::finish() {
    TRY(flush());
    return counts_;
}

// Reading in order

Result<void> TermWalk::load() {
    TRY(const auto terms, blocks_.read(column_, Half::terms, next_block_));
    terms_ = terms;
    TRY(const auto lists, blocks_.read(column_, Half::lists, next_block_));
    lists_ = lists;
    terms_left_ = terms_;
    lists_left_ = lists_;
    if (terms_.size() < 2 || terms_.front() != end_of_term || terms_.back() != end_of_term)
        return damaged(column_, next_block_);
    terms_left_.remove_prefix(1);
    ++next_block_;
    return {};
}

Result<bool> TermWalk::next() {
    if (terms_left_.empty()) {
        if (!lists_left_.empty()) return damaged(column_, next_block_ - 1);
        if (next_block_ == shape_.blocks[static_cast<std::size_t>(column_)]) return false;
        TRY(load());
    }
    const auto term = terms_left_.substr(0, terms_left_.find(end_of_term));
    if (has_term_ && term <= term_) return damaged(column_, next_block_ - 1);
    if (!take_list(lists_left_, shape_.span, offsets_)) return damaged(column_, next_block_ - 1);
    terms_left_.remove_prefix(term.size() + 1);
    term_ = term;
    has_term_ = true;
    return true;
}

// Finding

namespace {

// Which terms of a block contain a pattern, in their order.
class Matches {
public:
    Matches(std::string_view terms, std::string_view pattern) : terms_(terms), pattern_(pattern) {}

    // The number of the next one; nothing at the end.
    std::optional<std::size_t> next() {
        const auto rest = terms_.substr(at_);
        const void* const found = ::memmem(rest.data(), rest.size(), pattern_.data(), pattern_.size());
        if (found == nullptr) return std::nullopt;
        const auto place = static_cast<std::size_t>(static_cast<const char*>(found) - terms_.data());
        // A pattern that begins with the end of a term is of the term behind that.
        ends_ += static_cast<std::size_t>(std::count(terms_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                     terms_.begin() + static_cast<std::ptrdiff_t>(place + 1),
                                                     end_of_term));
        counted_ = place + 1;
        if (counted_ == terms_.size()) return std::nullopt;
        at_ = std::min(terms_.find(end_of_term, counted_), terms_.size());
        return ends_ - 1;
    }

private:
    std::string_view terms_;
    std::string_view pattern_;
    std::size_t at_ = 0;
    std::size_t counted_ = 0;
    std::size_t ends_ = 0;
};

// The lists of a block, of which some are wanted, in ascending order.
class Lists {
public:
    explicit Lists(std::string_view lists) : left_(lists) {}

    bool add(std::size_t wanted, Numbers& to) {
        for (; at_ < wanted; ++at_)
            if (!skip_list(left_)) return false;
        ++at_;
        return take_list(left_, to);
    }

private:
    std::string_view left_;
    std::size_t at_ = 0;
};

bool is_shaped(std::string_view terms) {
    return terms.size() >= 2 && terms.front() == end_of_term && terms.back() == end_of_term;
}

// Adds to the n-th set the messages that have the n-th pattern.
Result<void> find_in_block(Blocks& blocks, Column column, std::uint32_t block,
                           std::span<const Pattern> patterns, std::span<Numbers> found) {
    TRY(const auto terms, blocks.read(column, Half::terms, block));
    if (!is_shaped(terms)) return damaged(column, block);
    std::vector<std::vector<std::size_t>> wanted(patterns.size());
    bool any = false;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        Matches matches(terms, patterns[i]);
        while (const auto term = matches.next()) wanted[i].push_back(*term);
        any |= !wanted[i].empty();
    }
    if (!any) return {};
    TRY(const auto lists, blocks.read(column, Half::lists, block));
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        Lists some(lists);
        for (const auto term : wanted[i])
            if (!some.add(term, found[i])) return damaged(column, block);
    }
    return {};
}

}  // namespace

Result<Numbers> find(Blocks& blocks, Column column, const Shape& shape, std::span<const Pattern> patterns) {
    if (patterns.empty()) return Numbers::all(shape.span);
    std::vector<Numbers> found(patterns.size(), Numbers(shape.span));
    const auto count = shape.blocks[static_cast<std::size_t>(column)];
    for (std::uint32_t block = 0; block < count; ++block)
        TRY(find_in_block(blocks, column, block, patterns, found));
    for (const auto& other : std::span(found).subspan(1)) found.front() &= other;
    return std::move(found.front());
}

}  // namespace hongyan::index
