#include "base/hands.h"

#include <initializer_list>
#include <latch>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/crowd.h"

namespace hongyan {
namespace {

// Has no time.
class Busy final : public Hands {
public:
    std::size_t spare() const override { return 3; }
    bool offer(std::move_only_function<void()>&&) override { return false; }
};

TEST(ShareOut, EachShareIsDoneOnce) {
    Crowd crowd(3);
    std::vector<int> times(100);
    share_out(&crowd, times.size(), [&](std::size_t share) { ++times[share]; });
    EXPECT_EQ(times, std::vector<int>(100, 1));
}

// Both must be under way at the same time to get done.
TEST(ShareOut, OthersTakeTheirShareMeanwhile) {
    Crowd crowd(1);
    std::latch together(2);
    share_out(&crowd, 2, [&](std::size_t) { together.arrive_and_wait(); });
}

TEST(ShareOut, WhoeverFindsNobodyDoesItAll) {
    Crowd nobody(0);
    Busy busy;
    for (Hands* const hands : std::initializer_list<Hands*>{nullptr, &nobody, &busy}) {
        std::vector<std::thread::id> by(5);
        share_out(hands, by.size(), [&](std::size_t share) { by[share] = std::this_thread::get_id(); });
        EXPECT_EQ(by, std::vector(5, std::this_thread::get_id()));
    }
}

// Out of memory when it is asked again: what the first hand has taken is done, and so is the rest.
TEST(ShareOut, AHandThatCannotBeAskedIsNone) {
    class Throwing final : public Hands {
    public:
        std::size_t spare() const override { return 3; }
        bool offer(std::move_only_function<void()>&& job) override {
            if (thread.joinable()) throw std::bad_alloc();
            thread = std::jthread(std::move(job));
            return true;
        }
        std::jthread thread;
    } hands;
    std::vector<int> times(20);
    share_out(&hands, times.size(), [&](std::size_t share) { ++times[share]; });
    EXPECT_EQ(times, std::vector<int>(20, 1));
}

// Taken, but not begun before all was done.
TEST(ShareOut, HandsThatComeLateTouchNothing) {
    class Late final : public Hands {
    public:
        std::size_t spare() const override { return 1; }
        bool offer(std::move_only_function<void()>&& job) override {
            jobs.push_back(std::move(job));
            return true;
        }
        std::vector<std::move_only_function<void()>> jobs;
    } late;
    int done = 0;
    share_out(&late, 3, [&](std::size_t) { ++done; });
    EXPECT_EQ(done, 3);
    for (auto& job : late.jobs) job();
    EXPECT_EQ(done, 3);
}

TEST(ShareOut, WhatOneThrowsIsThrownWhenAllAreDone) {
    Crowd crowd(2);
    std::vector<int> done(4);
    EXPECT_THROW(share_out(&crowd, done.size(),
                           [&](std::size_t share) {
                               done[share] = 1;
                               if (share == 1) throw std::runtime_error("broken");
                           }),
                 std::runtime_error);
    EXPECT_EQ(done, std::vector<int>(4, 1));
}

}  // namespace
}  // namespace hongyan
