#include "engine/recent_reader.h"

namespace hongyan::engine {

namespace {

constexpr std::size_t most_bytes_of_one = 4096;
constexpr std::size_t overhead = 100;  // bytes of a node of the map, about

}  // namespace

Result<std::optional<std::string>> RecentReader::get(std::string_view key) const {
    if (const auto* known = find(key)) return *known;
    TRY(auto value, stored_->get(key));
    if (value) keep(key, *value);
    return value;
}

void RecentReader::wrote(const Writes& writes) {
    for (const auto& [key, value] : writes) {
        auto* known = find(key);
        if (known == nullptr) continue;
        if (value && value->size() <= most_bytes_of_one) {
            *known = *value;
        } else {
            young_.erase(key);
        }
    }
}

void RecentReader::forget() {
    young_.clear();
    old_.clear();
    young_bytes_ = 0;
}

std::string* RecentReader::find(std::string_view key) const {
    if (const auto at = young_.find(key); at != young_.end()) return &at->second;
    const auto at = old_.find(key);
    if (at == old_.end()) return nullptr;
    const auto used = old_.extract(at);
    keep(used.key(), used.mapped());
    return &young_.find(key)->second;
}

void RecentReader::keep(std::string_view key, std::string_view value) const {
    if (value.size() > most_bytes_of_one) return;
    const auto bytes = key.size() + value.size() + overhead;
    if (young_bytes_ + bytes > limit_ / 2) {
        old_ = std::exchange(young_, {});
        young_bytes_ = 0;
    }
    young_bytes_ += bytes;
    young_.insert_or_assign(std::string(key), std::string(value));
}

}  // namespace hongyan::engine
