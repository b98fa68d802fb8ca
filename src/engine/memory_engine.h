// The engine that keeps nothing: for tests, for comparison with the real one, and for a server tried out.
#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"

namespace hongyan::engine {

// What shall go wrong, decided by the number of the batch (from 1), so that a failure can be repeated.
struct MemoryFaults {
    // Asked before a batch is written; its error becomes that of every transaction in it, and nothing is
    // written. Called on the engine's thread.
    std::function<Result<void>(std::uint64_t batch)> before_write;
};

std::unique_ptr<Engine> make_memory_engine(MemoryFaults faults = {});

}  // namespace hongyan::engine
