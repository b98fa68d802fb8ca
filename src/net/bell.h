// Waiting until somebody rings, or until a time.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>

#include "net/task.h"

namespace hongyan::net {

// Belongs to one thread. Who rings while nobody waits is heard by the next who does.
class Bell {
public:
    explicit Bell(const Executor& executor) : timer_(executor, never) {}

    void ring() {
        rung_ = true;
        timer_.cancel();
    }

    Task<> wait(Deadline until) {
        if (!rung_) {
            timer_.expires_at(until);
            co_await timer_.async_wait(as_values);
        }
        rung_ = false;
    }

private:
    using Clock = std::chrono::steady_clock;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
    bool rung_ = false;
};

}  // namespace hongyan::net
