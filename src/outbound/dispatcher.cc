#include "outbound/dispatcher.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "outbound/bounds.h"

namespace hongyan::outbound {

Dispatcher::Dispatcher(net::Loop& loop, Parts parts, Settings settings)
    : loop_(loop),
      parts_(std::move(parts)),
      settings_(std::move(settings)),
      counts_(parts_.world.store.engine(), parts_.world.clock, parts_.world.log),
      sts_({.engine = parts_.world.store.engine(),
            .resolver = parts_.resolver,
            .tls = parts_.tls,
            .random = parts_.random,
            .clock = parts_.world.clock,
            .log = parts_.world.log,
            .counts = counts_,
            .workers = parts_.world.workers,
            .ourselves = parts_.ourselves},
           settings_),
      reports_({.world = parts_.world,
                .resolver = parts_.resolver,
                .tls = parts_.tls,
                .random = parts_.random,
                .counts = counts_,
                .ourselves = parts_.ourselves},
               settings_),
      dmarc_reports_({.world = parts_.world, .resolver = parts_.resolver, .random = parts_.random},
                     settings_),
      directions_(parts_.world.directory, settings_),
      bell_(loop.executor()) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::start() {
    subscription_.emplace(parts_.world.queue.on_change([this](queue::Queue::News news) { ring(news); }));
    if (const auto& handover = parts_.world.handover)
        handover->connect([this](flow::Fresh fresh) {
            {
                const std::lock_guard lock(fresh_mutex_);
                fresh_.push_back(std::move(fresh));
                // While nobody looks, nobody counts their bytes either.
                if (fresh_.size() >= most_fresh) parts_.world.handover->want(false);
            }
            ring(queue::Queue::News::arrival);
        });
    loop_.post([this] { spawn(work()); });
}

void Dispatcher::apply(Settings settings) {
    loop_.post([this, settings = std::move(settings)]() mutable {
        settings_ = std::move(settings);
        directions_.apply_limits();
        // What was in the way may have been the settings.
        end_rests();
        bell_.ring();
    });
}

void Dispatcher::close(std::chrono::milliseconds patience) {
    subscription_.reset();
    if (const auto& handover = parts_.world.handover) handover->disconnect();
    const auto closed = std::make_shared<std::promise<void>>();
    auto waiting = closed->get_future();
    loop_.post([this, closed]() mutable {
        closing_ = true;
        closed_.emplace(std::move(*closed));
        for (const auto& [place, destination] : directions_.all())
            for (auto* const stream : destination->idle) stream->interrupt();
        bell_.ring();
        if (tasks_ == 0) closed_->set_value();
    });
    // Nobody counts any more.
    if (waiting.wait_for(patience) == std::future_status::ready) counts_.flush_now();
}

// Many may ring before anybody has heard the first.
void Dispatcher::ring(queue::Queue::News news) {
    if (news == queue::Queue::News::orders) has_orders_ = true;
    if (rung_.exchange(true)) return;
    loop_.post([this] {
        rung_ = false;
        try {
            take_fresh();
        } catch (const std::exception& broken) {
            parts_.world.log.error("sending broken", {{"why", broken.what()}});
        }
        announced_ = true;
        bell_.ring();
    });
}

// Who asks for an attempt now wants one, whoever rests.
void Dispatcher::obey() {
    if (!has_orders_.exchange(false)) return;
    next_wake_ = {};
    end_rests();
}

void Dispatcher::end_rests() {
    rests_.clear();
    parts_.world.queue.rests().clear();
    for (const auto& [place, destination] : directions_.all()) destination->rest.reset();
}

void Dispatcher::spawn(net::Task<> task) {
    ++tasks_;
    net::asio::co_spawn(loop_.executor(), watched(std::move(task)), net::asio::detached);
}

// Begins behind whatever runs now: what ends at once must not begin again within itself.
net::Task<> Dispatcher::watched(net::Task<> task) {
    co_await net::asio::post(loop_.executor(), net::asio::use_awaitable_t<net::Executor>{});
    try {
        co_await std::move(task);
    } catch (const std::exception& broken) {
        parts_.world.log.error("sending broken", {{"why", broken.what()}});
    }
    if (--tasks_ == 0 && closed_) closed_->set_value();
}

net::Task<> Dispatcher::work() {
    co_await begin();
    while (!closing_) {
        bool is_broken = false;
        try {
            co_await look_for_work();
        } catch (const std::exception& broken) {
            parts_.world.log.error("sending broken", {{"why", broken.what()}});
            is_broken = true;
        }
        co_await bell_.wait(is_broken ? net::after(after_trouble) : next_look());
    }
}

net::Task<> Dispatcher::look_for_work() {
    obey();
    co_await stay();
    co_await wake_sleepers();
    co_await fetch();
    tidy();
    look_after_leases();
    look_after_reports();
    look_after_policies();
}

void Dispatcher::tidy() {
    directions_.tidy();
    std::erase_if(feeds_,
                  [](const auto& feed) { return feed.second.usual.expired() && feed.second.full.expired(); });
}

}  // namespace hongyan::outbound
