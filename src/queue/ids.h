// The names of messages that have just come.
#pragma once

#include <memory>

#include "base/clock.h"
#include "engine/engine.h"
#include "queue/entry.h"

namespace hongyan::queue {

// Gives each id once: over restarts, whatever the clock does, and whoever else works on the store. A stretch
// of ids is reserved in the store before any of it is given, and the next one while something is left: so no
// message waits for that. May be used from any thread; does not own the engine.
class Ids {
public:
    Ids(engine::Engine& engine, const Clock& clock);

    // The first stretch, a short one. Blocks. next() does so by itself, but then somebody waits for it.
    Result<void> reserve();

    // Larger than all before, and as the time is where nobody has been quiet for long.
    EntryId next();

private:
    // What is reserved; the engine's callbacks, which may come after our end, keep it too.
    struct Stretch;

    void ask_for_more(std::chrono::milliseconds length);

    engine::Engine& engine_;
    const Clock& clock_;
    std::shared_ptr<Stretch> stretch_;
};

}  // namespace hongyan::queue
