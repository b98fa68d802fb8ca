// Work that is done in shares: here, and on other threads where they are free.
#pragma once

#include <cstddef>
#include <functional>

namespace hongyan {

// Other threads that may take a share.
class Hands {
public:
    virtual ~Hands() = default;
    // As many as are of use to one piece of work, beside the thread that has it.
    virtual std::size_t spare() const = 0;
    // False if nobody is free; the job is untouched then.
    virtual bool offer(std::move_only_function<void()>&& job) = 0;
};

// Calls `work` with each number below `shares`, each once, in no order and at once where hands are free.
// Waits only for shares that somebody else has begun: where nobody is free the caller does all himself.
// Returns when all are done; the first thing that one of them threw is thrown here.
void share_out(Hands* hands, std::size_t shares, const std::function<void(std::size_t)>& work);

}  // namespace hongyan
