// Which leases this process has in its hands, whatever the time says.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>

namespace hongyan::queue {

// A lease is held as long as a copy of its Hold is somewhere.
using Hold = std::shared_ptr<const void>;

// May be used from any thread; holds may outlive it.
class Holds {
public:
    Hold take(std::uint64_t token) {
        auto one = std::make_shared<const One>(held_, token);
        const std::lock_guard lock(held_->mutex);
        held_->tokens.insert(token);
        return one;
    }
    bool has(std::uint64_t token) const {
        const std::lock_guard lock(held_->mutex);
        return held_->tokens.contains(token);
    }

private:
    struct Held {
        std::mutex mutex;  // guards:
        std::set<std::uint64_t> tokens;
    };
    struct One {
        One(std::shared_ptr<Held> in, std::uint64_t of) : held(std::move(in)), token(of) {}
        One(const One&) = delete;
        One& operator=(const One&) = delete;
        ~One() {
            const std::lock_guard lock(held->mutex);
            held->tokens.erase(token);
        }
        std::shared_ptr<Held> held;
        std::uint64_t token;
    };

    std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

}  // namespace hongyan::queue
