#include "queue/rests.h"

namespace hongyan::queue {

void Rests::put(Rest rest) {
    constexpr std::size_t most = 20'000;  // however many destinations are silent
    const std::lock_guard lock(mutex_);
    if (by_destination_.size() >= most)
        std::erase_if(by_destination_, [&rest](const auto& one) { return one.second.until <= rest.since; });
    if (by_destination_.size() >= most) return;
    auto name = rest.destination;
    by_destination_.insert_or_assign(std::move(name), std::move(rest));
}

void Rests::clear() {
    const std::lock_guard lock(mutex_);
    by_destination_.clear();
}

std::vector<Rest> Rests::at(Instant now) const {
    std::vector<Rest> all;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, rest] : by_destination_)
        if (rest.until > now) all.push_back(rest);
    return all;
}

}  // namespace hongyan::queue
