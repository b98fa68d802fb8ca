#include "reputation/meter.h"

#include <algorithm>
#include <vector>

namespace hongyan::reputation {

double Meter::level_of(const Bucket& bucket, const Rate& rate, Instant now) {
    const auto passed = static_cast<double>(std::max<std::int64_t>(0, (now - bucket.at).count()));
    return std::max(0.0, bucket.level - passed * rate.most / static_cast<double>(rate.time.count()));
}

double Meter::add(std::string_view name, double amount, const Rate& rate, Instant now) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= most_names_) make_room(now);
    auto& bucket = buckets_[std::string(name)];
    bucket.level = std::max(0.0, level_of(bucket, rate, now) + amount);
    bucket.at = now;
    const double to_empty =
        rate.most > 0 ? bucket.level / rate.most * static_cast<double>(rate.time.count()) : 0;
    bucket.empty_at = now + std::chrono::milliseconds(static_cast<std::int64_t>(to_empty));
    return bucket.level;
}

void Meter::restore(std::string_view name, double level, Instant at, Instant empty_at) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= most_names_) make_room(at);
    buckets_[std::string(name)] = {.level = level, .at = at, .empty_at = empty_at};
}

double Meter::level(std::string_view name, const Rate& rate, Instant now) const {
    const std::lock_guard lock(mutex_);
    const auto found = buckets_.find(std::string(name));
    return found == buckets_.end() ? 0 : level_of(found->second, rate, now);
}

void Meter::forget(std::string_view name) {
    const std::lock_guard lock(mutex_);
    buckets_.erase(std::string(name));
}

std::size_t Meter::names() const {
    const std::lock_guard lock(mutex_);
    return buckets_.size();
}

// Those that are empty, or else the half that is empty first.
void Meter::make_room(Instant now) {
    std::erase_if(buckets_, [&](const auto& each) { return each.second.empty_at <= now; });
    if (buckets_.size() <= most_names_ / 2) return;
    std::vector<Instant> ends;
    ends.reserve(buckets_.size());
    for (const auto& [name, bucket] : buckets_) ends.push_back(bucket.empty_at);
    const auto middle = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() / 2);
    std::ranges::nth_element(ends, middle);
    std::erase_if(buckets_, [&](const auto& each) { return each.second.empty_at <= *middle; });
}

}  // namespace hongyan::reputation
