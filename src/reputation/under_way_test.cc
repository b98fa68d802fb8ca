#include "reputation/under_way.h"

#include <deque>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::reputation {

namespace {

using Rooms = std::vector<UnderWay::Room>;

// Somebody who logs in; `called` counts.
class Client {
public:
    explicit Client(UnderWay& under_way) : under_way_(under_way), waiter_(under_way, [this] { ++called; }) {}

    bool begins(const Rooms& rooms) {
        auto place = under_way_.begin(waiter_, [&] { return rooms; });
        if (place)
            place_ = *std::move(place);
        else
            why_not_ = place.error();
        return place.has_value();
    }
    bool is_turned_away(const Rooms& rooms) { return !begins(rooms) && why_not_ == UnderWay::Not::at_all; }
    void end() { place_ = {}; }

    int called = 0;

private:
    UnderWay& under_way_;
    UnderWay::Not why_not_{};
    UnderWay::Place place_;
    UnderWay::Waiter waiter_;
};

class UnderWayTest : public testing::Test {
protected:
    UnderWay under_way;
    const Rooms house = {{"house", 1}}, office = {{"office", 1}}, both = {{"house", 1}, {"office", 1}};
};

// As when his patience ends: he looks once more, and goes.
TEST_F(UnderWayTest, WhoTriesAgainUncalledAndGoesIsNotCalledAnyMore) {
    Client holder(under_way), next(under_way);
    ASSERT_TRUE(holder.begins(house));
    {
        Client impatient(under_way);
        EXPECT_FALSE(impatient.begins(house));
        EXPECT_FALSE(impatient.begins(house));
    }
    EXPECT_FALSE(next.begins(house));
    holder.end();
    EXPECT_EQ(next.called, 1);
}

TEST_F(UnderWayTest, WhoTriesAgainUncalledKeepsHisTurn) {
    Client holder(under_way), first(under_way), second(under_way);
    ASSERT_TRUE(holder.begins(house));
    EXPECT_FALSE(first.begins(house));
    EXPECT_FALSE(second.begins(house));
    EXPECT_FALSE(first.begins(house));
    holder.end();
    EXPECT_EQ(first.called, 1);
    EXPECT_EQ(second.called, 0);
    EXPECT_TRUE(first.begins(house));
    first.end();
    EXPECT_EQ(first.called, 1) << "he stands nowhere any more";
    EXPECT_EQ(second.called, 1);
}

TEST_F(UnderWayTest, WhoTriesAgainUncalledAndFindsAnotherRoomFullWaitsForThatOnly) {
    Client at_home(under_way), at_work(under_way);
    ASSERT_TRUE(at_work.begins(office));
    {
        Client waiter(under_way);
        EXPECT_FALSE(waiter.begins(both)) << "the office is full";
        ASSERT_TRUE(at_home.begins(house));
        EXPECT_FALSE(waiter.begins(both)) << "the house too";
        at_work.end();
        EXPECT_EQ(waiter.called, 0);
        at_home.end();
        EXPECT_EQ(waiter.called, 1);
        EXPECT_TRUE(waiter.begins(both));
    }
    EXPECT_TRUE(at_work.begins(office));
    EXPECT_TRUE(at_home.begins(house));
}

TEST_F(UnderWayTest, WhoBeginsUncalledStandsInNoQueue) {
    Client holder(under_way), lucky(under_way), next(under_way);
    ASSERT_TRUE(holder.begins(house));
    EXPECT_FALSE(lucky.begins(house));
    EXPECT_FALSE(next.begins(house));
    EXPECT_TRUE(lucky.begins({{"house", 9}})) << "meanwhile more may fail";
    holder.end();
    EXPECT_EQ(lucky.called, 0);
    EXPECT_EQ(next.called, 1);
}

// As when his account has been closed to guesses meanwhile, so that it has no room of its own any more.
TEST_F(UnderWayTest, WhoBeginsElsewhereThanWhereHeWasCalledCallsTheNext) {
    Client holder(under_way), first(under_way), second(under_way);
    ASSERT_TRUE(holder.begins(both));
    EXPECT_FALSE(first.begins(house));
    EXPECT_FALSE(second.begins(house));
    holder.end();
    EXPECT_EQ(first.called, 1);
    EXPECT_TRUE(first.begins(office));
    EXPECT_EQ(second.called, 1);
}

TEST_F(UnderWayTest, WhoHaveGoneTakeNobodysPlaceInTheQueue) {
    Client holder(under_way);
    ASSERT_TRUE(holder.begins(house));
    for (int i = 0; i < 10'000; ++i) {
        Client impatient(under_way);
        ASSERT_FALSE(impatient.is_turned_away(house)) << i;
        ASSERT_FALSE(impatient.is_turned_away(house)) << i;
    }
}

TEST_F(UnderWayTest, TheManyWhoWaitInOneRoomTurnNobodyAwayFromAnother) {
    Client at_home(under_way), at_work(under_way), other(under_way);
    ASSERT_TRUE(at_home.begins(house));
    ASSERT_TRUE(at_work.begins(office));
    std::deque<Client> crowd;
    while (!crowd.emplace_back(under_way).is_turned_away(house)) ASSERT_LT(crowd.size(), 10'000U);
    EXPECT_GT(crowd.size(), 100U);
    EXPECT_FALSE(other.is_turned_away(office));
    at_work.end();
    EXPECT_EQ(other.called, 1);
}

}  // namespace

}  // namespace hongyan::reputation
