#include "store/uid_set.h"

#include <algorithm>

namespace hongyan::store {
namespace {

bool touches(const UidRange& left, const UidRange& right) {
    return std::uint64_t{left.last.value()} + 1 >= right.first.value();
}

}  // namespace

UidSet::UidSet(std::initializer_list<Uid> uids) {
    for (const auto uid : uids) add(uid);
}

UidSet UidSet::of(UidRange range) {
    UidSet set;
    set.add(range);
    return set;
}

void UidSet::add(UidRange range) {
    if (range.last < range.first) std::swap(range.first, range.last);
    if (ranges_.empty() || !touches(range, ranges_.back())) {
        const bool at_the_end = ranges_.empty() || ranges_.back().last < range.first;
        if (at_the_end) return ranges_.push_back(range);
    }
    // The ranges that the new one touches become one with it.
    const auto begin =
        std::ranges::partition_point(ranges_, [&](const auto& old) { return !touches(old, range); });
    auto end = begin;
    for (; end != ranges_.end() && touches(range, *end); ++end) {
        range.first = std::min(range.first, end->first);
        range.last = std::max(range.last, end->last);
    }
    ranges_.insert(ranges_.erase(begin, end), range);
}

void UidSet::add(const UidSet& other) {
    for (const auto& range : other.ranges_) add(range);
}

void UidSet::remove(const UidSet& other) {
    std::vector<UidRange> left;
    auto cut = other.ranges_.begin();
    for (auto range : ranges_) {
        while (cut != other.ranges_.end() && cut->last < range.first) ++cut;
        bool consumed = false;
        for (auto next = cut; next != other.ranges_.end() && next->first <= range.last; ++next) {
            if (range.first < next->first) left.push_back({range.first, Uid(next->first.value() - 1)});
            consumed = next->last >= range.last;
            if (consumed) break;
            range.first = next->last.next();
        }
        if (!consumed) left.push_back(range);
    }
    ranges_ = std::move(left);
}

bool UidSet::contains(Uid uid) const {
    const auto after = std::ranges::upper_bound(ranges_, uid, {}, &UidRange::first);
    return after != ranges_.begin() && uid <= std::prev(after)->last;
}

std::uint64_t UidSet::size() const {
    std::uint64_t sum = 0;
    for (const auto& range : ranges_) sum += range.size();
    return sum;
}

std::vector<Uid> UidSet::uids() const {
    std::vector<Uid> all;
    for (const auto& range : ranges_) {
        for (auto uid = range.first; uid < range.last; uid = uid.next()) all.push_back(uid);
        all.push_back(range.last);
    }
    return all;
}

UidSet UidSet::from(Uid first) const {
    UidSet rest;
    for (const auto& range : ranges_)
        if (range.last >= first) rest.ranges_.push_back({std::max(first, range.first), range.last});
    return rest;
}

}  // namespace hongyan::store
