// A map in memory that remembers older values as long as somebody looks at them.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "engine/backend.h"
#include "engine/memory_engine.h"

namespace hongyan::engine {

// May be used from any thread.
class MemoryBackend final : public Backend {
public:
    explicit MemoryBackend(MemoryFaults faults);
    ~MemoryBackend() override;

    const Reader& latest() const override;
    std::unique_ptr<Snapshot> snapshot() const override;
    Result<void> write(const Writes& writes) override;
    Result<void> recover() override { return {}; }
    std::uint64_t disk_bytes() const override { return 0; }

    struct State;

private:
    std::shared_ptr<State> state_;
    std::unique_ptr<const Reader> latest_;
    MemoryFaults faults_;
    std::uint64_t batch_ = 0;
};

}  // namespace hongyan::engine
