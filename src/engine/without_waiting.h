// Reading only what is in memory: for threads that many sessions share.
#pragma once

#include "base/result.h"

namespace hongyan::engine {

// While one lives, nothing that its thread reads waits for the disk. What is not in memory fails with
// `unavailable`, and then missed() says so: whatever was made of the answers is void, and is to be asked
// again where waiting is allowed. They may lie within each other; each knows what was missed while it lived.
class WithoutWaiting {
public:
    WithoutWaiting() : outer_(innermost) { innermost = this; }
    ~WithoutWaiting() {
        innermost = outer_;
        if (outer_ != nullptr) outer_->missed_ |= missed_;
    }
    WithoutWaiting(const WithoutWaiting&) = delete;
    WithoutWaiting& operator=(const WithoutWaiting&) = delete;

    bool missed() const { return missed_; }

    // For what reads: is it to wait for the disk?
    static bool is_asked_for() { return innermost != nullptr; }
    // The error to give instead of waiting.
    static std::unexpected<Error> miss() {
        innermost->missed_ = true;
        return fail(Error::Kind::unavailable, "not in memory");
    }

private:
    inline static thread_local WithoutWaiting* innermost = nullptr;

    WithoutWaiting* outer_;
    bool missed_ = false;
};

}  // namespace hongyan::engine
