// RocksDB as the ordered map under the engine.
//
// A write that failed leaves RocksDB in a state nobody should reason about: the bytes may or may not be in
// its log. So a failure is treated as a crash is: before the next write the database is closed and opened
// again, and what it then holds is the truth. Reading goes on until then, and read-only where it cannot be
// opened for writing (a full disk).
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "engine/backend.h"
#include "engine/open_engine.h"

namespace rocksdb {
class DB;
}

namespace hongyan::engine {

// Read by any thread; written and recovered by the committer's.
class RocksdbBackend final : public Backend {
public:
    // conflict if another process uses the folder.
    static Result<std::unique_ptr<RocksdbBackend>> open(const std::filesystem::path& folder,
                                                        const EngineOptions& options);
    ~RocksdbBackend() override;

    const Reader& latest() const override { return *latest_; }
    std::unique_ptr<Snapshot> snapshot() const override;
    Result<void> write(const Writes& writes) override;
    Result<void> recover() override;
    std::uint64_t disk_bytes() const override;

    class Holder;
    using SharedDatabase = std::shared_ptr<rocksdb::DB>;

private:
    explicit RocksdbBackend(std::unique_ptr<Holder> holder);

    std::unique_ptr<Holder> holder_;
    std::unique_ptr<const Reader> latest_;
    bool wounded_ = false;  // a write has failed since it was opened
};

}  // namespace hongyan::engine
