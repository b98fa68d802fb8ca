// What a running server does by itself: each hour it forgets what became of old messages, about once a day it
// ends in its accounts what a crash cut short, and forgets their old changes.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "queue/queue.h"
#include "store/store.h"

namespace hongyan::admin {

// Has a thread of its own from its making to its end; store and queue must outlive it.
class Upkeep {
public:
    Upkeep(store::Store& store, const queue::Queue& queue, log::Log log)
        : store_(store),
          queue_(queue),
          log_(std::move(log)),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

private:
    void run(const std::stop_token& stop);
    void visit_all(const std::stop_token& stop);
    void forget_old_mail();

    store::Store& store_;
    const queue::Queue& queue_;
    log::Log log_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::jthread thread_;  // last: it uses all above, and is asked to stop and waited for first
};

}  // namespace hongyan::admin
