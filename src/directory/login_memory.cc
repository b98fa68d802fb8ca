#include "directory/login_memory.h"

#include "crypto/digest.h"

namespace hongyan::directory {

namespace {

constexpr std::chrono::minutes how_long{5};
constexpr std::size_t max_marks = 100'000;  // some 10 MB

}  // namespace

std::string LoginMemory::mark_of(std::string_view hash, std::string_view password) const {
    // The length keeps the two texts apart.
    const crypto::Secret text(fmt::format("{}:{}{}", hash.size(), hash, password));
    return crypto::hmac(crypto::Hash::sha256, key_, text.reveal());
}

bool LoginMemory::knows(std::string_view hash, std::string_view password) const {
    const auto mark = mark_of(hash, password);
    const std::lock_guard lock(mutex_);
    const auto found = until_.find(mark);
    return found != until_.end() && clock_.now() < found->second;
}

void LoginMemory::remember(std::string_view hash, std::string_view password) {
    auto mark = mark_of(hash, password);
    const std::lock_guard lock(mutex_);
    if (until_.size() >= max_marks) forget_old();
    until_.insert_or_assign(std::move(mark), clock_.now() + how_long);
}

// If none is old, all go: a slow check more for each is better than memory without end.
void LoginMemory::forget_old() {
    std::erase_if(until_, [now = clock_.now()](const auto& entry) { return entry.second <= now; });
    if (until_.size() >= max_marks) until_.clear();
}

}  // namespace hongyan::directory
