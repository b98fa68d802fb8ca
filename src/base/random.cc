#include "base/random.h"

#include <cerrno>

#include <sys/random.h>

#include "base/check.h"

namespace hongyan {

void SystemRandom::fill(std::span<char> out) {
    while (!out.empty()) {
        const auto count = getrandom(out.data(), out.size(), 0);
        check(count > 0 || errno == EINTR, "the kernel gives random bytes");
        if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
    }
}

void SeededRandom::fill(std::span<char> out) {
    const std::lock_guard lock(mutex_);
    for (char& c : out) c = static_cast<char>(static_cast<std::uint8_t>(engine_() >> 32U));
}

}  // namespace hongyan
