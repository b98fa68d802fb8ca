// Which letters have been taken in already: a record in the commit that keeps the message, so that a letter
// whose file is still there after a crash is not taken twice (docs/formats/drop.md).
#pragma once

#include "engine/engine.h"

namespace hongyan::drop {

// Fails with `exists` if the letter was taken before.
engine::Part mark_taken(const std::string& name);
// After the file has gone.
Result<void> forget(engine::Engine& engine, const std::string& name);
// All marks, for those whose files have gone before they could be forgotten. At most 10,000 at a time.
Result<std::vector<std::string>> marked(engine::Engine& engine);

}  // namespace hongyan::drop
