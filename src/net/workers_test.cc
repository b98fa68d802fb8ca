#include "net/workers.h"

#include <latch>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/run_for_test.h"

namespace hongyan::net {
namespace {

template <typename Job>
Task<Outcome<Job>> work(Workers& workers, Job job) {
    co_return co_await on_worker(workers, std::move(job));
}

TEST(Workers, AJobRunsElsewhereAndItsOutcomeComesBack) {
    Workers workers(1, 4);
    const auto here = std::this_thread::get_id();
    const auto there = run(work(workers, [] { return std::this_thread::get_id(); }));
    ASSERT_TRUE(there);
    EXPECT_NE(*there, here);
}

TEST(Workers, AFailureOfTheJobIsTheOutcome) {
    Workers workers(1, 4);
    const auto outcome =
        run(work(workers, []() -> Result<int> { return fail(Error::Kind::no_space, "disk full"); }));
    EXPECT_EQ(outcome, Result<int>(fail(Error::Kind::no_space, "disk full")));
}

TEST(Workers, ABrokenBeliefOfTheJobBreaksTheTask) {
    Workers workers(1, 4);
    EXPECT_THROW(run(work(workers, [] { check(false, "UIDs only grow"); })), BrokenInvariant);
}

// Nobody waits for these; the server must not end by them.
TEST(Workers, AJobThatBreaksIsToldOfAndTheNextOneRuns) {
    std::vector<std::string> told;
    {
        Workers workers(1, 4, [&told](std::string_view why) {
            told.emplace_back(why);
            throw std::runtime_error("the log breaks, too");
        });
        ASSERT_TRUE(workers.submit([] { throw std::runtime_error("no greylist"); }));
        ASSERT_TRUE(workers.submit([] { throw 1; }));
        ASSERT_TRUE(workers.submit([&told] { told.emplace_back("the next"); }));
    }
    EXPECT_THAT(told, testing::ElementsAre("no greylist", "something unknown was thrown", "the next"));
}

TEST(Workers, WhenTooManyJobsWaitTheCallerIsTold) {
    Workers workers(1, 0);
    const auto outcome = run(work(workers, [] { return 1; }));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Error::Kind::unavailable);
}

// What has been begun was let in when it began.
TEST(Workers, WhatHasBeenBegunWaitsForItsTurnHoweverManyWait) {
    std::latch is_there(1), may_go(1), done(1);
    Workers workers(1, 1);
    ASSERT_TRUE(workers.submit([&] {
        is_there.count_down();
        may_go.wait();
    }));
    is_there.wait();
    ASSERT_TRUE(workers.submit([] {}));
    EXPECT_FALSE(workers.submit([] {}));
    EXPECT_TRUE(workers.submit([&] { done.count_down(); }, JobOf::something_begun));
    may_go.count_down();
    done.wait();
}

TEST(Workers, TheNextPartOfWorkIsNotRefused) {
    Workers workers(1, 0);
    const auto next = [&]() -> Task<Result<int>> {
        co_return co_await on_worker(workers, [] { return 2; }, JobOf::something_begun);
    };
    EXPECT_EQ(run(next()), Result<int>(2));
}

TEST(Workers, AfterTheirEndNothingIsTakenAndTheJobIsTheCallers) {
    Workers workers(1, 4);
    workers.finish();
    bool is_done = false;
    std::move_only_function<void()> job = [&] { is_done = true; };
    EXPECT_FALSE(workers.submit(std::move(job), JobOf::something_begun));
    EXPECT_FALSE(workers.offer(std::move(job)));
    job();
    EXPECT_TRUE(is_done);
}

// However many jobs an owner has, half of the threads are left to others.
TEST(Workers, NobodyOccupiesAllOfThem) {
    constexpr Owner ann{1}, bob{2};
    std::latch are_there(2), may_go(1);
    std::atomic<int> begun = 0;
    Workers workers(4, 100);  // ends before what its jobs use
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(workers.submit(
            [&] {
                if (++begun <= 2) are_there.count_down();
                may_go.wait();
            },
            JobOf::something_new, ann));
    }
    are_there.wait();
    for (const auto owner : {bob, nobody}) {
        auto done = std::make_shared<std::latch>(1);
        ASSERT_TRUE(workers.submit([done] { done->count_down(); }, JobOf::something_new, owner));
        done->wait();
    }
    EXPECT_EQ(begun, 2);
    may_go.count_down();
}

TEST(Workers, WhoHasManyJobsWaitingKeepsNobodyFromHisTurn) {
    std::string order;
    {
        constexpr Owner ann{1}, bob{2};
        std::latch may_go(1);
        Workers workers(1, 100);
        ASSERT_TRUE(workers.submit([&] { may_go.wait(); }));
        const std::vector<std::pair<Owner, char>> jobs{{ann, 'a'}, {ann, 'a'}, {ann, 'a'},   {bob, 'b'},
                                                       {bob, 'b'}, {ann, 'a'}, {nobody, 'n'}};
        for (const auto& [owner, name] : jobs)
            ASSERT_TRUE(workers.submit([&order, name] { order += name; }, JobOf::something_new, owner));
        may_go.count_down();
    }
    EXPECT_EQ(order, "abnabaa");
}

TEST(Workers, WhatIsHeldBackCountsAmongWhatWaits) {
    constexpr Owner ann{1};
    std::latch is_there(1), may_go(1);
    const auto wait = [&] {
        is_there.count_down();
        may_go.wait();
    };
    Workers workers(1, 2);
    ASSERT_TRUE(workers.submit(wait, JobOf::something_new, ann));
    is_there.wait();
    EXPECT_TRUE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_TRUE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_FALSE(workers.submit([] {}, JobOf::something_new, ann));
    EXPECT_FALSE(workers.submit([] {}));
    may_go.count_down();
}

}  // namespace
}  // namespace hongyan::net
