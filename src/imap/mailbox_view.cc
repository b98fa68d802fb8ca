#include "imap/mailbox_view.h"

#include <algorithm>
#include <iterator>
#include <ranges>

#include "base/check.h"

namespace hongyan::imap {
namespace {

// In ascending order, so that a set is put together from its front to its end.
std::vector<std::pair<std::uint32_t, std::uint32_t>> sorted(const wire::SequenceSet& set,
                                                            std::uint32_t largest) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
    ranges.reserve(set.size());
    for (const auto& range : set) ranges.push_back(range.resolved(largest));
    std::ranges::sort(ranges);
    return ranges;
}

}  // namespace

UidSet named_uids(const wire::SequenceSet& set, Uid largest) {
    UidSet uids;
    for (const auto& [first, last] : sorted(set, std::max(1U, largest.value())))
        uids.add(store::UidRange{Uid(first), Uid(last)});
    return uids;
}

UidSet in_both(const UidSet& one, const UidSet& other) {
    auto only_one = one;
    only_one.remove(other);
    auto both = one;
    both.remove(only_one);
    return both;
}

std::string to_text(const UidSet& uids) {
    std::string text;
    const auto out = std::back_inserter(text);
    for (const auto& [first, last] : uids.ranges()) {
        if (!text.empty()) text += ',';
        fmt::format_to(out, "{}", first);
        if (first != last) fmt::format_to(out, ":{}", last);
    }
    return text;
}

MailboxView::MailboxView(const UidSet& present) { append(present); }

void MailboxView::add(store::UidRange range) {
    const auto count = static_cast<std::uint32_t>(range.size());
    if (!runs_.empty() && runs_.back().last().next() == range.first)
        runs_.back().count += count;
    else
        runs_.push_back({range.first, count, size_});
    size_ += count;
}

void MailboxView::append(const UidSet& arrived) {
    for (const auto& range : arrived.ranges()) {
        check(range.first > last_uid(), "messages arrive behind those that are there");
        add(range);
    }
}

std::optional<SequenceNumber> MailboxView::number_of(Uid uid) const {
    const auto after = std::ranges::upper_bound(runs_, uid, {}, &Run::first);
    if (after == runs_.begin()) return std::nullopt;
    const auto& run = *std::prev(after);
    if (uid > run.last()) return std::nullopt;
    return SequenceNumber(run.before + uid.value() - run.first.value() + 1);
}

Uid MailboxView::uid_of(SequenceNumber number) const {
    check(number.value() >= 1 && number.value() <= size_, "the number is of a message that is there");
    const auto& run = *std::prev(std::ranges::upper_bound(runs_, number.value() - 1, {}, &Run::before));
    return Uid(run.first.value() + number.value() - 1 - run.before);
}

UidSet MailboxView::uids() const {
    UidSet all;
    for (const auto& run : runs_) all.add(store::UidRange{run.first, run.last()});
    return all;
}

std::optional<UidSet> MailboxView::resolve(const wire::SequenceSet& set, SetOf of) const {
    if (of == SetOf::numbers) return resolve_numbers(set);
    return present(named_uids(set, last_uid()));
}

UidSet MailboxView::matching(const wire::SequenceSet& set, SetOf of) const {
    if (of == SetOf::uids) return present(named_uids(set, last_uid()));
    UidSet found;
    for (const auto& [first, last] : sorted(set, size_))
        if (first <= size_ && last > 0) add_numbers(found, std::max(first, 1U), std::min(last, size_));
    return found;
}

UidSet MailboxView::present(const UidSet& some) const {
    return some.empty() ? UidSet() : in_both(uids(), some);
}

std::optional<UidSet> MailboxView::resolve_numbers(const wire::SequenceSet& set) const {
    UidSet found;
    for (const auto& [first, last] : sorted(set, size_)) {
        if (first == 0 || last > size_) return std::nullopt;
        add_numbers(found, first, last);
    }
    return found;
}

void MailboxView::add_numbers(UidSet& uids, std::uint32_t first, std::uint32_t last) const {
    if (first > last) return;
    auto run = std::prev(std::ranges::upper_bound(runs_, first - 1, {}, &Run::before));
    while (first <= last) {
        const auto end = std::min(last, run->before + run->count);
        const auto uid_at = [&run](std::uint32_t number) {
            return Uid(run->first.value() + number - 1 - run->before);
        };
        uids.add(store::UidRange{uid_at(first), uid_at(end)});
        first = end + 1;
        ++run;
    }
}

// How many messages from `number` on, `count` at most, have the UIDs from `uid` on: each message's UID is
// larger than the one before it by 1 at least, so those that agree stand at the front.
std::uint32_t MailboxView::agreeing(SequenceNumber number, Uid uid, std::uint32_t count) const {
    if (number.value() > size_ || uid_of(number) != uid) return 0;
    const auto offsets = std::views::iota(0U, std::min(count, size_ - number.value() + 1));
    const auto agrees = [&](std::uint32_t offset) {
        return uid_of(SequenceNumber(number.value() + offset)).value() - uid.value() == offset;
    };
    return static_cast<std::uint32_t>(std::ranges::partition_point(offsets, agrees) - offsets.begin());
}

// Both sets are walked side by side, by stretches that are consecutive in both.
Uid MailboxView::agrees_up_to(const wire::SequenceSet& numbers, const wire::SequenceSet& uids) const {
    Uid known;
    auto of_uids = uids.begin();
    std::uint64_t used = 0;  // of *of_uids
    for (const auto& range : numbers) {
        const auto [first, last] = range.resolved(0);
        for (std::uint64_t number = first; number <= last;) {
            const auto [first_uid, last_uid] = of_uids->resolved(0);
            const auto together = std::min(last - number, last_uid - first_uid - used) + 1;
            const Uid uid(static_cast<std::uint32_t>(first_uid + used));
            const SequenceNumber begin(static_cast<std::uint32_t>(number));
            const auto same = agreeing(begin, uid, static_cast<std::uint32_t>(together));
            if (same > 0) known = Uid(uid.value() + same - 1);
            number += together;
            used += together;
            if (first_uid + used > last_uid) {
                ++of_uids;
                used = 0;
            }
        }
    }
    return known;
}

std::vector<SequenceNumber> MailboxView::expunge(const UidSet& gone) {
    std::vector<SequenceNumber> told;
    auto present = uids();
    for (const auto uid : in_both(present, gone).uids())
        told.emplace_back(number_of(uid)->value() - static_cast<std::uint32_t>(told.size()));
    present.remove(gone);
    *this = MailboxView(present);
    return told;
}

}  // namespace hongyan::imap
