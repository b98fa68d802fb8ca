#include "engine/room.h"

#include "engine/disk.h"

namespace hongyan::engine {

// Where the system does not say what is free, the writes themselves will tell.
Result<void> Room::check(std::uint64_t bytes) const {
    if (reserve_ == 0) return {};
    const auto free = disk_->free_space(folder_);
    if (!free || (*free >= reserve_ && *free - reserve_ >= bytes)) return {};
    return fail(Error::Kind::no_space, "{} bytes are free, {} more are wanted, and {} are to stay free",
                *free, bytes, reserve_);
}

}  // namespace hongyan::engine
