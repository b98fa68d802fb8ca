// Files as packs need them. A test puts something below that fails, forgets what was not synced, or is full.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hongyan::engine {

// Reading may be done by many threads at once; the rest is for one.
class File {
public:
    virtual ~File() = default;

    // Fills `into` with the bytes at `offset`, and says how many there were: fewer only at the end of the
    // file.
    virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const = 0;
    Result<std::string> read(std::uint64_t offset, std::size_t length) const;
    // All or an error, after which any part of it may be there.
    virtual Result<void> write(std::uint64_t offset, std::string_view bytes) = 0;
    // What was written is durable on return; after an error none of it need be.
    virtual Result<void> sync() = 0;
    // Also gives back what was allocated beyond `size`.
    virtual Result<void> truncate(std::uint64_t size) = 0;
    // Reserves room up to `size` bytes; the size of the file stays. Only a hint: it may do nothing.
    virtual void allocate(std::uint64_t size) = 0;
    virtual Result<std::uint64_t> size() const = 0;
};

// May be used from any thread.
class Disk {
public:
    enum class Opening { existing, fresh };  // fresh: must not be there yet

    virtual ~Disk() = default;
    virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, Opening opening) = 0;
    // Makes the folder, and those above it, if it is not there.
    virtual Result<void> make_folder(const std::filesystem::path& folder) = 0;
    // The names of the files in a folder, in no order.
    virtual Result<std::vector<std::string>> list(const std::filesystem::path& folder) = 0;
    virtual Result<void> remove(const std::filesystem::path& path) = 0;
    // Makes new and removed names durable.
    virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;
    // Bytes that we may still write on the disk that holds the folder.
    virtual Result<std::uint64_t> free_space(const std::filesystem::path& folder) = 0;
};

// The files of the operating system.
Disk& system_disk();

}  // namespace hongyan::engine
