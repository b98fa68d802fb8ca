// Waits until one descriptor can be read or written, but not for ever.
#pragma once

#include <memory>

#include "base/file.h"
#include "net/task.h"

namespace hongyan::net {

enum class Direction { read, write };
enum class Readiness { ready, timed_out, interrupted };

// Owns the descriptor and its time-out. One wait at a time; belongs to the thread of its executor. The timer
// is set anew only when it rings too early, so a busy session does not touch it.
class Waiter {
public:
    // Makes the descriptor non-blocking.
    Waiter(Executor executor, Descriptor descriptor);
    ~Waiter();
    Waiter(Waiter&&) noexcept = default;
    Waiter& operator=(Waiter&&) = delete;

    // `ready` also when the descriptor has failed: the operation that follows will say how.
    Task<Readiness> wait(Direction direction, Deadline deadline);

    // Ends the wait that is going on, if there is one.
    void interrupt();

    int descriptor() const;

private:
    struct State;
    std::shared_ptr<State> state_;  // outlives the Waiter in the handler of a timer that is being cancelled
};

}  // namespace hongyan::net
