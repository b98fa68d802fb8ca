// Who wants to hear of changes of the queue. For this folder.
#pragma once

#include <map>
#include <mutex>

#include "queue/queue.h"

namespace hongyan::queue {

// May be used from any thread.
class Queue::Listeners {
public:
    std::uint64_t add(Listener listener) {
        const std::lock_guard lock(mutex_);
        listeners_.emplace(++last_, std::move(listener));
        return last_;
    }
    // Waits for calls that are under way.
    void remove(std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        listeners_.erase(number);
    }
    void call(News news) {
        const std::lock_guard lock(mutex_);
        for (const auto& [number, listener] : listeners_) listener(news);
    }

private:
    std::mutex mutex_;
    std::map<std::uint64_t, Listener> listeners_;
    std::uint64_t last_ = 0;
};

}  // namespace hongyan::queue
