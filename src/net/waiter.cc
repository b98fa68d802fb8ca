#include "net/waiter.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace hongyan::net {

namespace {

using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

}  // namespace

Task<> sleep_until(Deadline moment) {
    Timer timer(co_await asio::this_coro::executor, moment);
    co_await timer.async_wait(as_values);
}

struct Waiter::State : std::enable_shared_from_this<State> {
    State(const Executor& executor, Descriptor owned)
        : descriptor(executor, owned.release()), timer(executor) {}

    // Sees to it that the timer rings at the deadline or before.
    void watch() {
        if (deadline == never || rings_at <= deadline) return;
        rings_at = deadline;
        timer.expires_at(deadline);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error) self->ring();
        });
    }

    void ring() {
        rings_at = never;
        if (SteadyClock::now() < deadline) return watch();
        stop(Readiness::timed_out);
    }

    void stop(Readiness why) {
        deadline = never;
        outcome = why;
        descriptor.cancel();
    }

    asio::posix::basic_stream_descriptor<Executor> descriptor;
    Timer timer;
    Deadline deadline = never;  // of the wait that is going on
    Deadline rings_at = never;  // never: the timer is not set
    Readiness outcome = Readiness::ready;
    bool waiting = false;
};

Waiter::Waiter(Executor executor, Descriptor descriptor)
    : state_(std::make_shared<State>(executor, std::move(descriptor))) {
    boost::system::error_code ignored;  // a descriptor that cannot be non-blocking is still waited for
    state_->descriptor.non_blocking(true, ignored);
}

Waiter::~Waiter() {
    if (!state_) return;
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
    state_->timer.cancel();
}

Task<Readiness> Waiter::wait(Direction direction, Deadline deadline) {
    const auto state = state_;
    const auto kind = direction == Direction::read ? asio::posix::descriptor_base::wait_read
                                                   : asio::posix::descriptor_base::wait_write;
    state->outcome = Readiness::ready;
    state->deadline = deadline;
    state->waiting = true;
    state->watch();
    const auto [error] = co_await state->descriptor.async_wait(kind, as_values);
    state->waiting = false;
    state->deadline = never;
    if (error == asio::error::operation_aborted && state->outcome == Readiness::ready)
        co_return Readiness::interrupted;
    co_return state->outcome;
}

void Waiter::interrupt() {
    if (state_->waiting) state_->stop(Readiness::interrupted);
}

int Waiter::descriptor() const { return state_->descriptor.native_handle(); }

}  // namespace hongyan::net
