// How much more may be kept. New blobs are refused before the disk is full, so that there is room left for
// removing mail and for the engine's own work.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

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

    // no_space if there would be less than the reserve left after `bytes` more. The system is asked at most
    // ten times a second while there is plenty: others may fill the disk, too, but not all of that at once.
    Result<void> check(std::uint64_t bytes) const;

private:
    // What the system has said, while it still counts.
    struct Plenty {
        std::atomic<std::chrono::steady_clock::time_point> until{};
        std::atomic<std::int64_t> bytes = 0;  // that may still be taken
    };

    Room() = default;
    bool is_in_plenty(std::uint64_t bytes) const;
    void remember(std::uint64_t left) const;

    Disk* disk_ = nullptr;
    std::filesystem::path folder_;
    std::uint64_t reserve_ = 0;
    std::unique_ptr<Plenty> plenty_ = std::make_unique<Plenty>();
};

}  // namespace hongyan::engine
