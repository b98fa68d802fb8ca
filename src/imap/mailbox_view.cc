#include "imap/mailbox_view.h"

#include <algorithm>

#include "base/check.h"

namespace hongyan::imap {
namespace {

UidSet in_both(const UidSet& one, const UidSet& other) {
    auto only_one = one;
    only_one.remove(other);
    auto both = one;
    both.remove(only_one);
    return both;
}

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
    UidSet wanted;
    for (const auto& [first, last] : sorted(set, std::max(1U, last_uid().value())))
        wanted.add(store::UidRange{Uid(first), Uid(last)});
    return in_both(uids(), wanted);
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
