// Two things at once.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/task.h"

namespace hongyan::net {

// Waits for two tasks that run beside each other on this thread; what takes no deadline takes the longer of
// the two. A belief of ours that breaks in one of them breaks here, once both have ended.
template <typename First, typename Second>
Task<std::pair<First, Second>> both(Task<First> first, Task<Second> second) {
    using SteadyClock = std::chrono::steady_clock;
    using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;
    struct Other {
        explicit Other(const Executor& executor) : done(executor, never) {}
        Timer done;  // cancelled when the second has ended
        std::optional<Second> value;
        std::exception_ptr broken;
        bool ended = false;
    };
    const auto executor = co_await asio::this_coro::executor;
    const auto other = std::make_shared<Other>(executor);
    asio::co_spawn(executor, std::move(second), [other](std::exception_ptr broken, Second value) {
        other->broken = std::move(broken);
        other->value = std::move(value);
        other->ended = true;
        other->done.cancel();
    });
    std::optional<First> value;
    std::exception_ptr broken;
    try {
        value = co_await std::move(first);
    } catch (...) {
        broken = std::current_exception();
    }
    if (!other->ended) co_await other->done.async_wait(as_values);
    if (broken) std::rethrow_exception(broken);
    if (other->broken) std::rethrow_exception(other->broken);
    co_return std::pair<First, Second>(*std::move(value), *std::move(other->value));
}

}  // namespace hongyan::net
