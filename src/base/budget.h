// Memory that all sessions of a program share: who wants to keep much asks first.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace hongyan {

// Counts bytes that are held; holds none itself. When it is used up, one holder at a time is favoured: he may
// have more than there is, so that he gets done and gives back what he has. Otherwise all could hold a part
// and wait for each other. May be used from any thread.
class Budget {
public:
    explicit Budget(std::uint64_t limit) : limit_(limit) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    // For settings that change: what is held stays, even beyond the new limit.
    void set_limit(std::uint64_t limit) { limit_ = limit; }

    bool take(std::uint64_t more) {
        auto held = held_.load();
        do {
            if (!fits(held, more)) return false;
        } while (!held_.compare_exchange_weak(held, held + more));
        return true;
    }
    void give_back(std::uint64_t bytes) { held_ -= bytes; }

    // True for one holder, until he ends it.
    bool take_favour() { return !favour_is_taken_.exchange(true); }
    void end_favour() { favour_is_taken_ = false; }
    void take_as_favoured(std::uint64_t more) { held_ += more; }

    // Could somebody have so much more now, be it as a favour?
    bool has_room(std::uint64_t more) const { return fits(held_, more) || !favour_is_taken_; }
    std::uint64_t held() const { return held_; }

private:
    bool fits(std::uint64_t held, std::uint64_t more) const {
        const auto limit = limit_.load();
        return held <= limit && more <= limit - held;
    }

    std::atomic<std::uint64_t> limit_;
    std::atomic<std::uint64_t> held_ = 0;
    std::atomic<bool> favour_is_taken_ = false;
};

// What one holder has of a budget; gives it back at its end. Belongs to one thread.
class Share {
public:
    // Without a budget there is always room.
    explicit Share(std::shared_ptr<Budget> budget = {}) : budget_(std::move(budget)) {}
    Share(Share&& other) noexcept
        : budget_(std::move(other.budget_)),
          bytes_(std::exchange(other.bytes_, 0)),
          is_favoured_(std::exchange(other.is_favoured_, false)) {}
    Share& operator=(Share&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        std::swap(is_favoured_, other.is_favoured_);
        return *this;
    }
    ~Share() { release(); }

    // To at least so many bytes; false, and no change, where there is no room for them.
    bool grow_to(std::uint64_t bytes) {
        if (!budget_ || bytes <= bytes_) return true;
        const auto more = bytes - bytes_;
        if (!budget_->take(more)) {
            is_favoured_ = is_favoured_ || budget_->take_favour();
            if (!is_favoured_) return false;
            budget_->take_as_favoured(more);
        }
        bytes_ = bytes;
        return true;
    }
    void release() {
        if (!budget_) return;
        budget_->give_back(std::exchange(bytes_, 0));
        if (std::exchange(is_favoured_, false)) budget_->end_favour();
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    std::shared_ptr<Budget> budget_;
    std::uint64_t bytes_ = 0;
    bool is_favoured_ = false;
};

}  // namespace hongyan
