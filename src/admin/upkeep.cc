#include "admin/upkeep.h"

#include "base/guarded.h"

namespace hongyan::admin {

namespace {

constexpr auto first_visit =
    std::chrono::minutes(5);  // a server that has just started has better things to do
constexpr auto period = std::chrono::hours(1);
constexpr int periods_between_visits = 24;

}  // namespace

void Upkeep::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto sleep = [&](std::chrono::minutes time) {
        woken_.wait_for(lock, stop, time, [] { return false; });
    };
    sleep(first_visit);
    for (int count = 0; !stop.stop_requested(); ++count) {
        forget_old_mail();
        if (count % periods_between_visits == 0) visit_all(stop);
        sleep(period);
    }
}

void Upkeep::forget_old_mail() {
    const auto done = guarded([this] { return queue_.forget_old(); });
    if (!done) return log_.error("old history not forgotten", {{"reason", done.error().message}});
    if (done->damaged > 0)
        log_.error("old history was damaged", {{"records_forgotten", fmt::format("{}", done->damaged)}});
}

void Upkeep::visit_all(const std::stop_token& stop) {
    const auto accounts = guarded([this] { return store_.accounts(); });
    if (!accounts)
        return log_.error("accounts could not be listed for upkeep", {{"reason", accounts.error().message}});
    for (const auto id : *accounts) {
        if (stop.stop_requested()) return;
        if (const auto done = guarded([&] { return store_.account(id).tidy(); }); !done)
            log_.error("upkeep of an account failed",
                       {{"account", fmt::format("{}", id)}, {"reason", done.error().message}});
    }
}

}  // namespace hongyan::admin
