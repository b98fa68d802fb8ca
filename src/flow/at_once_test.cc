#include "flow/at_once.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "base/check.h"
#include "net/loops.h"

namespace hongyan::flow {
namespace {

namespace asio = net::asio;

// The threads that the job ran on, in order.
std::vector<std::thread::id> run_counting(const std::function<Result<int>()>& job, Result<int>& outcome) {
    std::vector<std::thread::id> ran_on;
    net::Workers workers(1, 10);
    asio::io_context context;
    auto task = [&]() -> net::Task<> {
        outcome = co_await at_once(workers, [&] {
            ran_on.push_back(std::this_thread::get_id());
            return job();
        });
    };
    asio::co_spawn(context, task(), asio::detached);
    context.run();
    return ran_on;
}

TEST(AtOnce, WhatMemoryAnswersNeedsNoWorker) {
    Result<int> outcome = 0;
    const auto ran_on = run_counting([] { return Result<int>(7); }, outcome);
    EXPECT_EQ(ran_on, std::vector{std::this_thread::get_id()});
    EXPECT_EQ(outcome.value(), 7);
}

TEST(AtOnce, WhatWasMissedIsAskedAgainOnAWorker) {
    Result<int> outcome = 0;
    const auto ran_on = run_counting(
        []() -> Result<int> {
            if (engine::WithoutWaiting::is_asked_for()) return engine::WithoutWaiting::miss();
            return 7;
        },
        outcome);
    ASSERT_EQ(ran_on.size(), 2U);
    EXPECT_EQ(ran_on[0], std::this_thread::get_id());
    EXPECT_NE(ran_on[1], std::this_thread::get_id());
    EXPECT_EQ(outcome.value(), 7);
}

TEST(AtOnce, WhatBreaksForWantOfWhatWasMissedIsAskedAgainToo) {
    Result<int> outcome = 0;
    const auto ran_on = run_counting(
        []() -> Result<int> {
            const bool missed = engine::WithoutWaiting::is_asked_for() &&
                                !engine::WithoutWaiting::miss().error().message.empty();
            check(!missed, "what was read is there");
            return 7;
        },
        outcome);
    EXPECT_EQ(ran_on.size(), 2U);
    EXPECT_EQ(outcome.value(), 7);
}

TEST(AtOnce, AnErrorThatIsNoMissIsTheAnswer) {
    Result<int> outcome = 0;
    const auto ran_on =
        run_counting([]() -> Result<int> { return fail(Error::Kind::not_found, "nobody"); }, outcome);
    EXPECT_EQ(ran_on.size(), 1U);
    EXPECT_EQ(outcome.error().kind, Error::Kind::not_found);
}

}  // namespace
}  // namespace hongyan::flow
