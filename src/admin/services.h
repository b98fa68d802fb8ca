// What the commands work on, made in main() and given to them.
#pragma once

#include "base/clock.h"
#include "config/load.h"
#include "directory/directory.h"
#include "engine/engine.h"
#include "queue/queue.h"
#include "reputation/reputation.h"
#include "store/store.h"

namespace hongyan::admin {

// What is kept in the data folder, by whoever holds its lock.
struct Kept {
    engine::Engine& engine;
    store::Store& store;
    directory::Directory& directory;
    queue::Queue& queue;
    reputation::Reputation& reputation;
};

struct Services {
    const config::Settings& settings;
    const Clock& clock;
    const Kept* kept = nullptr;  // null for commands that need settings only
};

}  // namespace hongyan::admin
