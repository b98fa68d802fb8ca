// Which passwords were right a moment ago, so that a client which logs in every minute costs one slow check
// and not many.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/random.h"

namespace hongyan::directory {

struct MemoryLimits {
    std::chrono::milliseconds time = std::chrono::minutes(5);  // 0: nothing is remembered
    std::size_t most = 100'000;                                // log-ins, of some 100 bytes each
};

// Remembers no passwords, only keyed hashes of them together with the hash they were checked against: a
// changed password is forgotten by itself. The key lives and dies with the program. What was wrong is never
// remembered. May be used from any thread. Why: docs/decisions/0021-remembered-log-ins.md.
class LoginMemory {
public:
    LoginMemory(const Clock& clock, Random& random, MemoryLimits limits = {})
        : clock_(clock), key_(random.bytes(32)), limits_(limits) {}

    // What is remembered already is forgotten.
    void apply(MemoryLimits limits);

    bool knows(std::string_view hash, std::string_view password) const;
    void remember(std::string_view hash, std::string_view password);

private:
    std::string mark_of(std::string_view hash, std::string_view password) const;
    bool is_off() const;
    void forget_old();

    const Clock& clock_;
    const std::string key_;
    mutable std::mutex mutex_;  // guards what follows
    MemoryLimits limits_;
    std::unordered_map<std::string, Instant> until_;
};

}  // namespace hongyan::directory
