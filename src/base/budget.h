// Memory that all sessions of a program share: who wants to keep much asks first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace hongyan {

// Counts bytes that are held; holds none itself. May be used from any thread.
class Budget {
public:
    explicit Budget(std::uint64_t limit) : limit_(limit) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    // For settings that change: what is held stays, even beyond the new limit.
    void set_limit(std::uint64_t limit) { limit_ = limit; }

    // For somebody who holds `mine` of it already. Who is alone gets whatever he asks for, so that nothing is
    // too large for ever.
    bool take(std::uint64_t more, std::uint64_t mine) {
        auto held = held_.load();
        do {
            if (!fits(held, more, mine)) return false;
        } while (!held_.compare_exchange_weak(held, held + more));
        return true;
    }
    void give_back(std::uint64_t bytes) { held_ -= bytes; }
    bool has_room(std::uint64_t more, std::uint64_t mine) const { return fits(held_, more, mine); }
    std::uint64_t held() const { return held_; }

private:
    bool fits(std::uint64_t held, std::uint64_t more, std::uint64_t mine) const {
        const auto limit = limit_.load();
        return held == mine || (held <= limit && more <= limit - held);
    }

    std::atomic<std::uint64_t> limit_;
    std::atomic<std::uint64_t> held_ = 0;
};

// What one holder has of a budget; gives it back at its end. Belongs to one thread.
class Share {
public:
    // Without a budget there is always room.
    explicit Share(std::shared_ptr<Budget> budget = {}) : budget_(std::move(budget)) {}
    Share(Share&& other) noexcept
        : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~Share() { release(); }

    // To at least so many bytes; false, and no change, where there is no room for them.
    bool grow_to(std::uint64_t bytes) {
        if (!budget_ || bytes <= bytes_) return true;
        if (!budget_->take(bytes - bytes_, bytes_)) return false;
        bytes_ = bytes;
        return true;
    }
    void release() {
        if (budget_) budget_->give_back(bytes_);
        bytes_ = 0;
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    std::shared_ptr<Budget> budget_;
    std::uint64_t bytes_ = 0;
};

}  // namespace hongyan
