// A set of UIDs as ranges, in ascending order: the answer to most questions about a mailbox.
#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "store/types.h"

namespace hongyan::store {

struct UidRange {
    Uid first;
    Uid last;  // belongs to it

    std::uint64_t size() const { return std::uint64_t{last.value()} - first.value() + 1; }
    friend auto operator<=>(const UidRange&, const UidRange&) = default;
};

class UidSet {
public:
    UidSet() = default;
    UidSet(std::initializer_list<Uid> uids);
    static UidSet of(UidRange range);
    static UidSet all() { return of({Uid(1), last_uid}); }

    // Cheap where UIDs come in ascending order. A range whose last is before its first is turned round, as
    // RFC 9051 §9 has it in seq-range.
    void add(UidRange range);
    void add(Uid uid) { add(UidRange{uid, uid}); }
    void add(const UidSet& other);
    void remove(const UidSet& other);

    bool contains(Uid uid) const;
    bool empty() const { return ranges_.empty(); }
    // How many UIDs, not how many ranges.
    std::uint64_t size() const;
    // Ascending; they neither overlap nor touch.
    std::span<const UidRange> ranges() const { return ranges_; }
    // One by one: for small sets.
    std::vector<Uid> uids() const;
    // What of the set is at `first` or after it.
    UidSet from(Uid first) const;

    friend bool operator==(const UidSet&, const UidSet&) = default;

private:
    std::vector<UidRange> ranges_;
};

}  // namespace hongyan::store
