// Hands that are always free: a thread for each job.
#pragma once

#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

#include "base/hands.h"

namespace hongyan {

// Waits for all of them at its end.
class Crowd final : public Hands {
public:
    explicit Crowd(std::size_t spare) : spare_(spare) {}

    std::size_t spare() const override { return spare_; }
    bool offer(std::move_only_function<void()>&& job) override {
        threads_.emplace_back(std::move(job));
        return true;
    }

private:
    std::size_t spare_;
    std::vector<std::jthread> threads_;
};

}  // namespace hongyan
