// What another thread gives a loop to do.
#pragma once

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "net/task.h"

namespace hongyan::net {

using WorkGuard = asio::executor_work_guard<Executor>;

// From any thread: the loop that `guard` keeps from ending runs the action, on its own thread. It does not
// end before this returns, though the action may be over by then: asio still touches the loop after it has
// woken it.
template <typename Action>
void hand_over(WorkGuard guard, Action action) {
    asio::post(guard.get_executor(), std::move(action));
}

}  // namespace hongyan::net
