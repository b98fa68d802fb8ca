// Waiting until somebody rings, or until a time.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>

#include "net/task.h"

namespace hongyan::outbound {

// Belongs to one thread. Who rings while nobody waits is heard by the next who does.
class Bell {
public:
    explicit Bell(const net::Executor& executor) : timer_(executor, net::never) {}

    void ring() {
        rung_ = true;
        timer_.cancel();
    }

    net::Task<> wait(net::Deadline until) {
        if (!rung_) {
            timer_.expires_at(until);
            co_await timer_.async_wait(net::as_values);
        }
        rung_ = false;
    }

private:
    using Clock = std::chrono::steady_clock;
    net::asio::basic_waitable_timer<Clock, net::asio::wait_traits<Clock>, net::Executor> timer_;
    bool rung_ = false;
};

}  // namespace hongyan::outbound
