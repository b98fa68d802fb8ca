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

// Remembers no passwords, only keyed hashes of them together with the hash they were checked against: a
// changed password is forgotten by itself. The key lives and dies with the program. May be used from any
// thread.
class LoginMemory {
public:
    LoginMemory(const Clock& clock, Random& random) : clock_(clock), key_(random.bytes(32)) {}

    bool knows(std::string_view hash, std::string_view password) const;
    void remember(std::string_view hash, std::string_view password);

private:
    std::string mark_of(std::string_view hash, std::string_view password) const;
    void forget_old();

    const Clock& clock_;
    const std::string key_;
    mutable std::mutex mutex_;  // guards until_
    std::unordered_map<std::string, Instant> until_;
};

}  // namespace hongyan::directory
