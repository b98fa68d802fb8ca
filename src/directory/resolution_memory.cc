#include "directory/resolution_memory.h"

namespace hongyan::directory {

namespace {

constexpr std::size_t most_addresses = 20'000;  // of some 300 bytes each
constexpr std::size_t most_recipients = 20;     // of one: long lists are rare, and would take much room
constexpr std::size_t longest_address = 512;    // bytes

// Says where the domain ends, whatever bytes the two hold, so that two addresses never have the same key.
std::string key_of(std::string_view local_part, std::string_view domain) {
    return fmt::format("{} {}{}", domain.size(), domain, local_part);
}

bool is_worth_keeping(const Resolution& found) {
    return found.outcome == Resolution::Outcome::delivered &&
           found.local.size() + found.remote.size() <= most_recipients;
}

}  // namespace

std::optional<Resolution> ResolutionMemory::find(std::string_view local_part, std::string_view domain) const {
    const auto key = key_of(local_part, domain);
    const std::lock_guard lock(mutex_);
    const auto at = known_.find(key);
    return at == known_.end() ? std::nullopt : std::optional(at->second);
}

void ResolutionMemory::keep(std::string_view local_part, std::string_view domain, const Resolution& found,
                            Edition edition) {
    if (!is_worth_keeping(found) || local_part.size() + domain.size() > longest_address) return;
    auto key = key_of(local_part, domain);
    const std::lock_guard lock(mutex_);
    if (edition != edition_.load()) return;
    if (known_.size() >= most_addresses) known_.clear();
    known_.insert_or_assign(std::move(key), found);
}

void ResolutionMemory::forget() {
    const std::lock_guard lock(mutex_);
    ++edition_;
    known_.clear();
}

}  // namespace hongyan::directory
