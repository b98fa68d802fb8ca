#include "directory/login_memory.h"

#include "crypto/digest.h"

namespace hongyan::directory {

void LoginMemory::apply(MemoryLimits limits) {
    const std::lock_guard lock(mutex_);
    limits_ = limits;
    until_.clear();
}

bool LoginMemory::is_off() const {
    const std::lock_guard lock(mutex_);
    return limits_.time.count() == 0 || limits_.most == 0;
}

std::string LoginMemory::mark_of(std::string_view hash, std::string_view password) const {
    // The length keeps the two texts apart.
    const crypto::Secret text(fmt::format("{}:{}{}", hash.size(), hash, password));
    return crypto::hmac(crypto::Hash::sha256, key_, text.reveal());
}

bool LoginMemory::knows(std::string_view hash, std::string_view password) const {
    if (is_off()) return false;
    const auto mark = mark_of(hash, password);
    const std::lock_guard lock(mutex_);
    const auto found = until_.find(mark);
    return found != until_.end() && clock_.now() < found->second;
}

void LoginMemory::remember(std::string_view hash, std::string_view password) {
    if (is_off()) return;
    auto mark = mark_of(hash, password);
    const std::lock_guard lock(mutex_);
    if (until_.size() >= limits_.most) forget_old();
    until_.insert_or_assign(std::move(mark), clock_.now() + limits_.time);
}

// If none is old, all go: a slow check more for each is better than memory without end.
void LoginMemory::forget_old() {
    std::erase_if(until_, [now = clock_.now()](const auto& entry) { return entry.second <= now; });
    if (until_.size() >= limits_.most) until_.clear();
}

}  // namespace hongyan::directory
