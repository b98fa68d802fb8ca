// Waiting for a commit without keeping a worker: so a thousand sessions share one sync of the disk.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "net/task.h"

namespace hongyan::flow {

// Resumes on the caller's thread when what succeeded is durable, with an outcome for each part.
net::Task<std::vector<Result<void>>> commit(engine::Engine& engine, std::vector<engine::Part> parts,
                                            engine::Together together);

}  // namespace hongyan::flow
