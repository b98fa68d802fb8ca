// Messages in the order that SORT asks for (RFC 5256 §3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "imap/message_keys.h"
#include "imap/wire/sort.h"

namespace hongyan::imap {

// What the criteria compare.
KeyKinds kinds_of(const wire::SortCriteria& criteria);

// Which of two messages comes first, by their places in the keys, whose lock is held.
class SortOrder {
public:
    SortOrder(const MessageKeys& keys, const wire::SortCriteria& criteria)
        : keys_(keys), criteria_(criteria) {}

    // By all criteria, then in the order of the mailbox. Scores are what RELEVANCY compares (RFC 6203 §6):
    // they are not among the keys.
    bool before(std::size_t one, std::size_t other, int score_of_one = 0, int score_of_other = 0) const;
    // A number by which most messages are told apart: who has the smaller one comes first.
    std::uint64_t head(std::size_t place, int score) const;

private:
    std::strong_ordering compare(wire::SortKey key, std::size_t one, std::size_t other) const;

    const MessageKeys& keys_;
    const wire::SortCriteria& criteria_;
};

// The positions in `places`, which ascend, in the order of the criteria; `relevancy` is of each of them.
std::vector<std::uint32_t> sorted(const MessageKeys& keys, const wire::SortCriteria& criteria,
                                  std::span<const std::size_t> places, std::span<const int> relevancy);

}  // namespace hongyan::imap
