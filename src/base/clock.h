// Time is given, so that tests need not wait for it.
#pragma once

#include <atomic>
#include <chrono>

namespace hongyan {

// A moment of civil time, in milliseconds since 1970 UTC.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

// May be asked from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

// Stands still until told otherwise.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start = Instant(std::chrono::milliseconds(1'700'000'000'000)))
        : now_(start) {}
    Instant now() const override { return now_.load(); }
    void advance(std::chrono::milliseconds by) { now_ = now_.load() + by; }

private:
    std::atomic<Instant> now_;
};

}  // namespace hongyan
