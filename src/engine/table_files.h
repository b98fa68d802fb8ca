// The files of RocksDB as this engine wants them.
#pragma once

#include <memory>

#include <rocksdb/env.h>

namespace hongyan::engine {

// The operating system's files, but: tables are read without waiting where that is asked for
// (without_waiting.h), so that what the system has in memory is no miss; and the log has its full length from
// the beginning, so that to sync a write need not write the file's length too. The rest of it is zeros, which
// RocksDB passes over.
//
// Over `simulated`, a test's environment, which must outlive it, nothing but what RocksDB itself keeps counts
// as being in memory.
std::unique_ptr<rocksdb::Env> make_env(rocksdb::Env* simulated);

}  // namespace hongyan::engine
