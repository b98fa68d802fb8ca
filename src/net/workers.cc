#include "net/workers.h"

#include <algorithm>

#include "base/thread_name.h"

namespace hongyan::net {

Workers::Workers(std::size_t threads, std::size_t waiting_limit, OnBroken on_broken)
    : waiting_limit_(waiting_limit),
      on_broken_(std::move(on_broken)),
      most_of_one_(std::max<std::size_t>(1, threads / 2)) {
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

bool Workers::submit(std::move_only_function<void()>&& job, JobOf of, Owner owner) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        if (of == JobOf::something_new && waiting_.size() + held_ >= waiting_limit_) return false;
        enter(std::move(job), owner);
    }
    changed_.notify_one();
    return true;
}

bool Workers::offer(std::move_only_function<void()>&& job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || idle_ <= waiting_.size()) return false;
        enter(std::move(job), nobody);
    }
    changed_.notify_one();
    return true;
}

void Workers::enter(std::move_only_function<void()>&& job, Owner owner) {
    if (owner == nobody) return void(waiting_.emplace_back(std::move(job), owner));
    auto& taken = owners_[owner];
    if (taken.let_in < most_of_one_) {
        waiting_.emplace_back(std::move(job), owner);
        ++taken.let_in;
    } else {
        taken.held.push_back(std::move(job));
        ++held_;
    }
}

// One of his has ended: the next that was held back stands behind all that waits now. Who calls looks into
// the queue next.
void Workers::leave(Owner owner) {
    if (owner == nobody) return;
    const auto found = owners_.find(owner);
    auto& taken = found->second;
    if (taken.held.empty()) {
        if (--taken.let_in == 0) owners_.erase(found);
        return;
    }
    waiting_.emplace_back(std::move(taken.held.front()), owner);
    taken.held.pop_front();
    --held_;
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
        auto [job, owner] = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        run(job);
        job = nullptr;
        lock.lock();
        leave(owner);
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
