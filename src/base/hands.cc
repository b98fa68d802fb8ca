#include "base/hands.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

namespace hongyan {

namespace {

// What is left to do. Outlives the caller, for hands that come when all has been done: they do not touch
// `work` then.
class Shares {
public:
    Shares(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

    // Until there is nothing left that nobody has begun.
    void take_part() {
        std::unique_lock lock(mutex_);
        while (next_ < count_) {
            const auto share = next_++;
            lock.unlock();
            auto broken = attempt(share);
            lock.lock();
            if (broken && !broken_) broken_ = std::move(broken);
            if (++done_ == count_) changed_.notify_all();
        }
    }

    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return done_ == count_; });
        if (broken_) std::rethrow_exception(broken_);
    }

private:
    std::exception_ptr attempt(std::size_t share) {
        try {
            work_(share);
        } catch (...) {
            return std::current_exception();
        }
        return nullptr;
    }

    const std::size_t count_;
    const std::function<void(std::size_t)>& work_;
    std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
    std::exception_ptr broken_;
};

// A hand that cannot be asked is none: those that have begun look at what the caller must not leave.
void offer(Hands& hands, std::size_t most, const std::shared_ptr<Shares>& state) {
    try {
        for (std::size_t i = 0; i < std::min(most, hands.spare()); ++i)
            if (!hands.offer([state] { state->take_part(); })) return;
    } catch (const std::exception&) {  // out of memory
    }
}

}  // namespace

void share_out(Hands* hands, std::size_t shares, const std::function<void(std::size_t)>& work) {
    if (shares == 0) return;
    const auto state = std::make_shared<Shares>(shares, work);
    if (hands != nullptr) offer(*hands, shares - 1, state);
    state->take_part();
    state->wait();
}

}  // namespace hongyan
