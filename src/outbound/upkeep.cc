// The dispatcher's part that looks after what needs it from time to time: who sleeps, whose lease has ended,
// what is to be reported.
#include "flow/at_once.h"
#include "flow/commit.h"
#include "outbound/bounds.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

namespace {

constexpr std::chrono::milliseconds between_looks = std::chrono::minutes(1);
constexpr std::chrono::milliseconds between_signs = queue::sign_of_life / 4;
constexpr std::chrono::milliseconds between_sleepers = std::chrono::seconds(1);

net::Deadline deadline_of(Instant when, Instant now) {
    return when <= now ? std::chrono::steady_clock::now()
                       : net::after(std::min<std::chrono::milliseconds>(when - now, between_looks));
}

}  // namespace

// Beside the rest: reports ask DNS and web servers.
void Dispatcher::look_after_reports() {
    if (closing_) return;
    if (!is_reporting_ && reports_.has_work()) {
        is_reporting_ = true;
        spawn(report(reports_, is_reporting_));
    }
    if (!is_reporting_dmarc_ && dmarc_reports_.has_work()) {
        is_reporting_dmarc_ = true;
        spawn(report(dmarc_reports_, is_reporting_dmarc_));
    }
}

void Dispatcher::look_after_policies() {
    constexpr std::chrono::hours a_day{24};
    if (closing_ || std::chrono::steady_clock::now() < next_forgetting_) return;
    next_forgetting_ = net::after(a_day);
    spawn(sts_.forget_ended());
}

template <typename Reports>
net::Task<> Dispatcher::report(Reports& reports, bool& is_under_way) {
    try {
        co_await reports.work();
    } catch (const std::exception& broken) {
        parts_.world.log.error("reports broken", {{"why", broken.what()}});
    }
    is_under_way = false;
    if (!closing_ && reports.has_work()) bell_.ring();
}

net::Task<> Dispatcher::begin() {
    while (!begun_ && !closing_) {
        auto begin_queue = [&queue = parts_.world.queue] { return queue.begin(); };
        const auto begun = co_await net::on_worker(parts_.world.workers, std::move(begin_queue));
        begun_ = begun.has_value();
        if (begun_) {
            say_if_damaged(*begun);
            co_return say_what_is_wanted();
        }
        parts_.world.log.error("queue not begun", {{"why", begun.error().message}});
        co_await bell_.wait(net::after(after_trouble));
    }
}

net::Task<> Dispatcher::wake_sleepers() {
    const auto& world = parts_.world;
    co_await look_for_new_sleepers();
    // Also where the clock has been set back.
    next_wake_ = std::min<Instant>(next_wake_, world.clock.now() + between_looks);
    while (!closing_ && world.clock.now() >= next_wake_) {
        auto waking = world.queue.wake(most_woken);
        const auto outcome =
            co_await flow::commit(world.store.engine(), {waking.part}, engine::Together::all_or_none);
        const auto now = world.clock.now();
        if (!outcome.front()) {
            world.log.error("queue not read", {{"why", outcome.front().error().message}});
            next_wake_ = now + after_trouble;
            co_return;
        }
        if (waking.found->damaged != 0)
            complain("queue damaged", {},
                     {Error::Kind::corrupt, fmt::format("{} keys of who sleeps", waking.found->damaged)});
        // Who comes to sleep meanwhile may be due before that: so nobody oversleeps by more than a look.
        const auto next = waking.found->next.value_or(now + between_looks);
        next_wake_ = std::min<Instant>(next, now + between_looks);
        if (waking.found->count < most_woken) break;
        co_await stay();
    }
}

// Who was put into the queue to sleep may be due before all who slept there.
net::Task<> Dispatcher::look_for_new_sleepers() {
    const auto now = parts_.world.clock.now();
    if (!announced_ || now < last_announced_ + between_sleepers) co_return;
    announced_ = false;
    last_announced_ = now;
    auto ask = [&queue = parts_.world.queue] { return queue.first_sleeper(); };
    const auto first = co_await flow::at_once(parts_.world.workers, std::move(ask));
    if (first && *first) next_wake_ = std::min(next_wake_, **first);
}

// What we have leased is ours as long as we say that we are there.
net::Task<> Dispatcher::stay() {
    if (std::chrono::steady_clock::now() < next_sign_) co_return;
    const auto& world = parts_.world;
    const auto outcome =
        co_await flow::commit(world.store.engine(), {world.queue.stay()}, engine::Together::all_or_none);
    if (outcome.front()) next_sign_ = net::after(between_signs);
}

// Beside the rest: where all workers are busy, our sign of life does not wait for them.
void Dispatcher::look_after_leases() {
    if (closing_ || is_freeing_ || std::chrono::steady_clock::now() < next_sweep_) return;
    next_sweep_ = net::after(between_looks);
    is_freeing_ = true;
    spawn(free_overdue());
}

net::Task<> Dispatcher::free_overdue() {
    auto free = [&queue = parts_.world.queue] { return queue.free_overdue(); };
    Result<queue::Freed> freed;
    try {
        freed = co_await net::on_worker(parts_.world.workers, std::move(free));
    } catch (const std::exception& broken) {
        freed = fail(Error::Kind::internal, "{}", broken.what());
    }
    is_freeing_ = false;
    if (!freed) co_return complain("queue not read", {}, freed.error());
    say_if_damaged(*freed);
    if (freed->count > 0) bell_.ring();
}

void Dispatcher::say_if_damaged(const queue::Freed& freed) {
    if (freed.damaged == 0) return;
    complain("queue damaged", {},
             {Error::Kind::corrupt, fmt::format("{} leases or messages cannot be read", freed.damaged)});
}

// Who may be sent to by now, but might not when all were staffed, is looked at once more.
net::Deadline Dispatcher::next_look() const {
    const auto now = parts_.world.clock.now();
    auto next = deadline_of(next_wake_, now);
    if (announced_) next = std::min(next, deadline_of(last_announced_ + between_sleepers, now));
    for (const auto& [name, destination] : directions_.all())
        if (const auto& meter = destination->bearing->meter;
            !destination->parcels.empty() && !meter.allows(all_staffed_at_))
            next = std::min(next, meter.next());
    return next;
}

}  // namespace hongyan::outbound
