// The engine of a server on one machine: RocksDB and packs in one folder.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "engine/engine.h"

namespace rocksdb {
class Env;
}

namespace hongyan::engine {

class Disk;

struct EngineOptions {
    std::size_t block_cache = std::size_t{32} << 20U;     // bytes of memory for reading metadata
    std::size_t memtable = std::size_t{32} << 20U;        // bytes of memory for metadata written last
    std::uint64_t pack_size = std::uint64_t{128} << 20U;  // bytes after which a pack is sealed
    std::uint64_t reserve = 0;        // bytes of the disk; with less of it free, no new blobs are taken
    std::size_t inline_limit = 1024;  // bytes; a smaller frame stays in the key-value store
    // How often packs are looked at for garbage; nothing: only when reclaim() is called.
    std::optional<std::chrono::milliseconds> reclaim_every = std::chrono::minutes(1);
    // Hears why garbage could not be given back; it stays until the next time. On the engine's thread.
    std::function<void(const Error&)> complain = {};

    // Where the files are; nothing means the operating system's. For tests.
    Disk* disk = nullptr;
    rocksdb::Env* env = nullptr;
};

// Opens the engine in `folder`, or makes it there. conflict if another process has it open, unsupported if a
// newer program wrote it.
Result<std::unique_ptr<Engine>> open_engine(const std::filesystem::path& folder,
                                            const EngineOptions& options = {});

}  // namespace hongyan::engine
