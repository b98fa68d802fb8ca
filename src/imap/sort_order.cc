#include "imap/sort_order.h"

#include <algorithm>
#include <compare>

namespace hongyan::imap {
namespace {

using wire::SortKey;

struct KindRow {
    SortKey key;
    KeyKind kind;
};
constexpr KindRow kinds[] = {
    {SortKey::cc, KeyKind::cc},
    {SortKey::date, KeyKind::sent},
    {SortKey::from, KeyKind::from},
    {SortKey::subject, KeyKind::subject},
    {SortKey::to, KeyKind::to},
    {SortKey::display_from, KeyKind::display_from},
    {SortKey::display_to, KeyKind::display_to},
};

// Nothing for what the entries say: ARRIVAL and SIZE.
std::optional<KeyKind> kind_of(SortKey key) {
    const auto* const row = std::ranges::find(kinds, key, &KindRow::key);
    return row == std::end(kinds) ? std::nullopt : std::optional(row->kind);
}

// So that negative numbers stay below others.
std::uint64_t ascending(std::int64_t number) { return static_cast<std::uint64_t>(number) ^ (1ULL << 63U); }

}  // namespace

KeyKinds kinds_of(const wire::SortCriteria& criteria) {
    KeyKinds wanted;
    for (const auto& criterion : criteria)
        if (const auto kind = kind_of(criterion.key)) wanted.add(*kind);
    return wanted;
}

std::strong_ordering SortOrder::compare(SortKey key, std::size_t one, std::size_t other) const {
    if (key == SortKey::arrival) return keys_.received(one) <=> keys_.received(other);
    if (key == SortKey::size) return keys_.octets(one) <=> keys_.octets(other);
    if (key == SortKey::date) return keys_.sent(one) <=> keys_.sent(other);
    const auto& column = keys_.text(*kind_of(key));
    if (column.head(one) != column.head(other)) return column.head(one) <=> column.head(other);
    return column.at(one) <=> column.at(other);
}

bool SortOrder::before(std::size_t one, std::size_t other, int score_of_one, int score_of_other) const {
    for (const auto& criterion : criteria_) {
        const auto order = criterion.key == SortKey::relevancy ? score_of_other <=> score_of_one
                                                               : compare(criterion.key, one, other);
        if (order != 0) return criterion.reverse ? order > 0 : order < 0;
    }
    return one < other;
}

std::uint64_t SortOrder::head(std::size_t place, int score) const {
    const auto& [key, reverse] = criteria_.front();
    const auto head = key == SortKey::arrival ? ascending(keys_.received(place).time_since_epoch().count())
                      : key == SortKey::size  ? keys_.octets(place)
                      : key == SortKey::relevancy ? static_cast<std::uint64_t>(100 - score)
                      : key == SortKey::date      ? ascending(keys_.sent(place))
                                                  : keys_.text(*kind_of(key)).head(place);
    return reverse ? ~head : head;
}

std::vector<std::uint32_t> sorted(const MessageKeys& keys, const wire::SortCriteria& criteria,
                                  std::span<const std::size_t> places, std::span<const int> relevancy) {
    struct Row {
        std::uint64_t head;
        std::uint32_t position;
    };
    const SortOrder order(keys, criteria);
    std::vector<Row> rows;
    rows.reserve(places.size());
    for (std::uint32_t i = 0; i < places.size(); ++i)
        rows.push_back({order.head(places[i], relevancy[i]), i});
    std::ranges::sort(rows, [&](const Row& a, const Row& b) {
        if (a.head != b.head) return a.head < b.head;
        return order.before(places[a.position], places[b.position], relevancy[a.position],
                            relevancy[b.position]);
    });
    std::vector<std::uint32_t> positions;
    positions.reserve(rows.size());
    for (const auto& row : rows) positions.push_back(row.position);
    return positions;
}

}  // namespace hongyan::imap
