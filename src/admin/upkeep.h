// What a running server does for its accounts about once a day: end what a crash cut short, forget old
// history.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "store/store.h"

namespace hongyan::admin {

// Has a thread of its own from its making to its end; the store must outlive it.
class Upkeep {
public:
    Upkeep(store::Store& store, log::Log log)
        : store_(store), log_(std::move(log)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

private:
    void run(const std::stop_token& stop);
    void visit_all(const std::stop_token& stop);

    store::Store& store_;
    log::Log log_;
    std::mutex mutex_;
    std::condition_variable_any woken_;
    std::jthread thread_;  // last: it uses all above, and is asked to stop and waited for first
};

}  // namespace hongyan::admin
