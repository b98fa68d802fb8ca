// The simulated disk as RocksDB sees it.
#pragma once

#include <memory>

#include "engine/testing/simulated_disk.h"

namespace hongyan::engine {

// Must not outlive the disk.
std::unique_ptr<rocksdb::Env> simulated_env(SimulatedDisk& disk);

}  // namespace hongyan::engine
