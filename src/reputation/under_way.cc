#include "reputation/under_way.h"

#include <algorithm>

namespace hongyan::reputation {

namespace {

constexpr std::size_t most_waiting = 4'096;

}  // namespace

UnderWay::Place::~Place() {
    if (under_way_ != nullptr) under_way_->leave(names_);
}

UnderWay::Waiter::~Waiter() { under_way_.leave(*this); }

std::expected<UnderWay::Place, UnderWay::Not> UnderWay::begin(
    Waiter& waiter, const std::function<std::vector<Room>()>& rooms) {
    const std::lock_guard lock(mutex_);
    const auto wanted = rooms();
    const auto full = std::ranges::find_if(wanted, [this](const Room& room) { return is_full(room); });
    if (full != wanted.end()) return std::unexpected(wait(waiter, full->name));
    std::vector<std::string> names;
    for (const auto& room : wanted) {
        ++under_way_[room.name];
        names.push_back(room.name);
    }
    if (!names.empty()) waiter.called_for_.clear();  // otherwise whoever is next may begin in his stead
    return Place(*this, std::move(names));
}

// As Rate::is_full has it, were all to fail.
bool UnderWay::is_full(const Room& room) const {
    const auto found = under_way_.find(room.name);
    return found != under_way_.end() && static_cast<double>(found->second) > room.left - 0.5;
}

UnderWay::Not UnderWay::wait(Waiter& waiter, const std::string& name) {
    const auto called_for = std::exchange(waiter.called_for_, {});
    if (!called_for.empty() && called_for != name) call_next(called_for);
    if (all_waiting_ >= most_waiting) return Not::at_all;
    auto& queue = waiting_[name];
    called_for == name ? queue.push_front(&waiter) : queue.push_back(&waiter);
    waiter.waits_for_ = name;
    ++all_waiting_;
    return Not::now;
}

void UnderWay::call_next(const std::string& name) {
    const auto found = waiting_.find(name);
    if (found == waiting_.end()) return;
    auto& next = *found->second.front();
    found->second.pop_front();
    if (found->second.empty()) waiting_.erase(found);
    --all_waiting_;
    next.called_for_ = std::exchange(next.waits_for_, {});
    next.when_room_();
}

void UnderWay::leave(const std::vector<std::string>& names) {
    const std::lock_guard lock(mutex_);
    for (const auto& name : names)
        if (const auto found = under_way_.find(name); --found->second == 0) under_way_.erase(found);
    for (const auto& name : names) call_next(name);
}

void UnderWay::leave(Waiter& waiter) {
    const std::lock_guard lock(mutex_);
    if (!waiter.called_for_.empty()) call_next(waiter.called_for_);
    if (waiter.waits_for_.empty()) return;
    const auto found = waiting_.find(waiter.waits_for_);
    std::erase(found->second, &waiter);
    if (found->second.empty()) waiting_.erase(found);
    --all_waiting_;
}

}  // namespace hongyan::reputation
