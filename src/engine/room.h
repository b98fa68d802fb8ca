// How much more may be kept. New blobs are refused before the disk is full, so that there is room left for
// removing mail and for the engine's own work.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace hongyan::engine {

class Disk;

// May be used from any thread. Must not outlive the disk.
class Room {
public:
    // `reserve` bytes of the disk on which `folder` lies stay free.
    Room(Disk& disk, std::filesystem::path folder, std::uint64_t reserve)
        : disk_(&disk), folder_(std::move(folder)), reserve_(reserve) {}
    static Room without_limit() { return Room(); }

    // no_space if there would be less than the reserve left after `bytes` more.
    Result<void> check(std::uint64_t bytes) const;

private:
    Room() = default;

    Disk* disk_ = nullptr;
    std::filesystem::path folder_;
    std::uint64_t reserve_ = 0;
};

}  // namespace hongyan::engine
