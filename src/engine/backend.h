// What the engine asks of a key-value store below it: ordered bytes, snapshots, and one atomic durable write
// at a time. Keys here are whole keys, prefixes included.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/engine.h"

namespace hongyan::engine {

// What is to be written, by key; nothing means erased.
using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;

// Read by any thread; written by the committer's alone.
class Backend {
public:
    virtual ~Backend() = default;

    // What is there now. May be used from any thread.
    virtual const Reader& latest() const = 0;
    virtual std::unique_ptr<Snapshot> snapshot() const = 0;

    // All or nothing, durable on return. After an error nothing of it can be read, but where the disk failed
    // while it was written it may be there, whole, after the next start.
    virtual Result<void> write(const Writes& writes) = 0;

    // Called before a write that follows a failed one: tries to become writable again.
    virtual Result<void> recover() = 0;

    virtual std::uint64_t disk_bytes() const = 0;
};

}  // namespace hongyan::engine
