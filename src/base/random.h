// Randomness is given, so that tests can repeat what they saw.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <span>
#include <string>

namespace hongyan {

// May be asked from any thread.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<char> out) = 0;

    std::string bytes(std::size_t count) {
        std::string out(count, '\0');
        fill(out);
        return out;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        fill({reinterpret_cast<char*>(&value), sizeof value});
        return value;
    }
};

// The kernel's generator: fit for keys, salts and nonces.
class SystemRandom final : public Random {
public:
    void fill(std::span<char> out) override;
};

// The same bytes for the same seed.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<char> out) override;

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace hongyan
