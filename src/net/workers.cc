#include "net/workers.h"

#include <algorithm>

#include "base/thread_name.h"

namespace hongyan::net {

Workers::Workers(std::size_t threads, std::size_t waiting_limit, OnBroken on_broken)
    : waiting_limit_(waiting_limit), on_broken_(std::move(on_broken)) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { finish(); }

void Workers::finish() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        if (thread.joinable()) thread.join();
}

bool Workers::submit(std::move_only_function<void()>&& job, JobOf of) {
    {
        const std::lock_guard lock(mutex_);
        if (of == JobOf::something_new && waiting_.size() >= waiting_limit_) return false;
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

bool Workers::offer(std::move_only_function<void()>&& job) {
    {
        const std::lock_guard lock(mutex_);
        if (idle_ <= waiting_.size()) return false;
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
}

std::size_t Workers::spare() const {
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    return std::min(cores, threads_.size()) - 1;
}

void Workers::work() {
    name_this_thread("worker");
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        --idle_;
        if (waiting_.empty()) return;
        auto job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        run(job);
        job = nullptr;
        lock.lock();
    }
}

// One broken job is no reason to end all sessions. Who waits for one has its fault (on_worker).
void Workers::run(std::move_only_function<void()>& job) noexcept {
    try {
        job();
    } catch (const std::exception& broken) {
        tell_broken(broken.what());
    } catch (...) {
        tell_broken("something unknown was thrown");
    }
}

void Workers::tell_broken(std::string_view why) noexcept {
    try {
        if (on_broken_) on_broken_(why);
    } catch (...) {  // there is nobody left to tell
    }
}

}  // namespace hongyan::net
