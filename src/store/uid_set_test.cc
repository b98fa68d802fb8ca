#include "store/uid_set.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace hongyan::store {
namespace {

UidRange range(std::uint32_t first, std::uint32_t last) { return {Uid(first), Uid(last)}; }

std::vector<UidRange> ranges_of(const UidSet& set) { return {set.ranges().begin(), set.ranges().end()}; }

std::set<std::uint32_t> numbers_of(const UidSet& set) {
    std::set<std::uint32_t> numbers;
    for (const auto uid : set.uids()) numbers.insert(uid.value());
    return numbers;
}

TEST(UidSet, RangesThatTouchBecomeOne) {
    UidSet set;
    set.add(range(10, 12));
    set.add(range(1, 3));
    set.add(range(13, 13));
    set.add(range(4, 8));
    EXPECT_EQ(ranges_of(set), (std::vector{range(1, 8), range(10, 13)}));
    set.add(Uid(9));
    EXPECT_EQ(ranges_of(set), (std::vector{range(1, 13)}));
}

TEST(UidSet, ARangeMayBeWrittenFromItsEnd) {
    EXPECT_EQ(UidSet::of(range(7, 5)), (UidSet{Uid(5), Uid(6), Uid(7)}));
}

TEST(UidSet, ReachesToTheLastUidThereIs) {
    auto set = UidSet::all();
    EXPECT_EQ(set.size(), UINT32_MAX);
    EXPECT_TRUE(set.contains(last_uid));
    set.add(last_uid);
    set.remove(UidSet::of({Uid(2), last_uid}));
    EXPECT_EQ(set.uids(), std::vector{Uid(1)});
}

// A mailbox of which every third message is gone, read from its front to its end.
TEST(UidSet, GrowsAtItsEndAtOnceHoweverManyGapsThereAre) {
    constexpr std::uint32_t gaps = 300'000;
    UidSet set;
    for (std::uint32_t i = 0; i < gaps; ++i) {
        set.add(Uid(3 * i + 1));
        set.add(Uid(3 * i + 2));
    }
    EXPECT_EQ(set.ranges().size(), gaps);
    EXPECT_EQ(set.size(), 2 * gaps);
}

TEST(UidSet, AgreesWithASetOfNumbersWhateverIsAddedAndRemoved) {
    EXPECT_TRUE(rc::check([] {
        UidSet set;
        std::set<std::uint32_t> model;
        const auto steps = *rc::gen::container<std::vector<std::tuple<bool, int, int>>>(
            rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(1, 60), rc::gen::inRange(0, 6)));
        for (const auto& [adds, start, length] : steps) {
            const auto first = static_cast<std::uint32_t>(start);
            const auto last = static_cast<std::uint32_t>(start + length);
            if (adds) {
                set.add(range(first, last));
                for (auto i = first; i <= last; ++i) model.insert(i);
            } else {
                set.remove(UidSet::of(range(first, last)));
                for (auto i = first; i <= last; ++i) model.erase(i);
            }
            RC_ASSERT(numbers_of(set) == model);
            RC_ASSERT(set.size() == model.size());
            for (std::uint32_t i = 1; i < 70; ++i) RC_ASSERT(set.contains(Uid(i)) == model.contains(i));
            RC_ASSERT(numbers_of(set.from(Uid(30))) ==
                      std::set<std::uint32_t>(model.lower_bound(30), model.end()));
        }
    }));
}

}  // namespace
}  // namespace hongyan::store
