// The vocabulary of waiting. A Task runs on the thread of one io_context from its beginning to its end, and
// errors come back as values.
#pragma once

#include <chrono>
#include <tuple>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hongyan::net {

namespace asio = boost::asio;

using Executor = asio::io_context::executor_type;

template <typename Value = void>
using Task = asio::awaitable<Value, Executor>;

// co_await something(…, as_values) gives a tuple of the error and the values; nothing is thrown.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> as_values{};

// Until when somebody waits, on a clock that never jumps. `never` is for those who are woken otherwise.
using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline never = Deadline::max();
inline Deadline after(std::chrono::milliseconds patience) {
    return std::chrono::steady_clock::now() + patience;
}

// Resumes on the same thread when the time has passed.
Task<> sleep_until(Deadline moment);

}  // namespace hongyan::net
