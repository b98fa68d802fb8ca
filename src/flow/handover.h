// Giving what has just come to whoever sends it, while all of it is still in memory.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "queue/queue.h"
#include "smtp/envelope.h"

namespace hongyan::flow {

// A message in the queue, of which some recipients are leased to this process.
struct Fresh {
    queue::Taken taken;
    queue::Entry entry;
    smtp::SharedMessage content;  // without the entry's prefix
    std::uint64_t orders = 0;     // Queue::orders() when the entry was as it is here
};

// Between sessions and the one who sends. May be used from any thread.
class Handover {
public:
    using Take = std::function<void(Fresh)>;
    // `take` must neither block nor throw. Nothing is wanted yet.
    void connect(Take take) {
        const std::lock_guard lock(mutex_);
        take_ = std::move(take);
    }
    // After it no call is under way.
    void disconnect() {
        is_wanted_ = false;
        const std::lock_guard lock(mutex_);
        take_ = nullptr;
    }
    // Whether there is room for more, and for which destinations there is none; who sends says so.
    void want(bool more) { is_wanted_ = more; }
    void want(const std::string& destination, bool more) {
        const std::lock_guard lock(mutex_);
        if (more)
            full_.erase(destination);
        else
            full_.insert(destination);
    }
    // A message for many takes its turn in the queue, or it would stand before what others send.
    bool is_wanted(const queue::Entry& entry) const {
        constexpr std::size_t few = 20;  // recipients
        if (!is_wanted_ || entry.recipients.size() > few) return false;
        const std::lock_guard lock(mutex_);
        return full_.empty() || std::ranges::none_of(entry.recipients, [this](const auto& recipient) {
                   return full_.contains(queue::destination_of(recipient));
               });
    }

    // What was wanted a moment ago. If nobody is there any more, the leases are free at the next start.
    void give(Fresh fresh) {
        const std::lock_guard lock(mutex_);
        if (take_) take_(std::move(fresh));
    }

private:
    std::atomic<bool> is_wanted_ = false;
    mutable std::mutex mutex_;  // guards:
    Take take_;
    std::set<std::string, std::less<>> full_;
};

}  // namespace hongyan::flow
