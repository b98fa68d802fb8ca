#include "engine/room.h"

#include "engine/disk.h"

namespace hongyan::engine {

namespace {

using Time = std::chrono::steady_clock;

constexpr std::uint64_t plenty = std::uint64_t{256} << 20U;  // bytes beyond the reserve
constexpr std::chrono::milliseconds plenty_lasts{100};
constexpr std::uint64_t part_of_plenty = 8;  // so much of what is free is handed out without asking again

}  // namespace

// Where the system does not say what is free, the writes themselves will tell.
Result<void> Room::check(std::uint64_t bytes) const {
    if (reserve_ == 0 || is_in_plenty(bytes)) return {};
    const auto free = disk_->free_space(folder_);
    if (!free) return {};
    if (*free >= reserve_ && *free - reserve_ >= bytes) {
        remember(*free - reserve_ - bytes);
        return {};
    }
    return fail(Error::Kind::no_space, "{} bytes are free, {} more are wanted, and {} are to stay free",
                *free, bytes, reserve_);
}

bool Room::is_in_plenty(std::uint64_t bytes) const {
    if (bytes >= plenty || Time::now() >= plenty_->until.load()) return false;
    return plenty_->bytes.fetch_sub(static_cast<std::int64_t>(bytes)) >= static_cast<std::int64_t>(bytes);
}

void Room::remember(std::uint64_t left) const {
    if (left < plenty) return;
    plenty_->bytes = static_cast<std::int64_t>(left / part_of_plenty);
    plenty_->until = Time::now() + plenty_lasts;
}

}  // namespace hongyan::engine
