#include "reputation/under_way.h"

#include <algorithm>

namespace hongyan::reputation {

namespace {

constexpr std::size_t most_waiting = 256;  // for one name

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
    stop_waiting(waiter);
    std::vector<std::string> names;
    for (const auto& room : wanted) {
        ++under_way_[room.name];
        names.push_back(room.name);
    }
    const auto called_for = std::exchange(waiter.called_for_, {});
    if (!called_for.empty() && std::ranges::find(names, called_for) == names.end()) call_next(called_for);
    return Place(*this, std::move(names));
}

// As Rate::is_full has it, were all to fail.
bool UnderWay::is_full(const Room& room) const {
    const auto found = under_way_.find(room.name);
    return found != under_way_.end() && static_cast<double>(found->second) > room.left - 0.5;
}

UnderWay::Not UnderWay::wait(Waiter& waiter, const std::string& name) {
    if (waiter.waits_for_ == name) return Not::now;
    stop_waiting(waiter);
    const auto called_for = std::exchange(waiter.called_for_, {});
    if (!called_for.empty() && called_for != name) call_next(called_for);
    auto& queue = waiting_[name];
    if (queue.size() >= most_waiting) return Not::at_all;
    called_for == name ? queue.push_front(&waiter) : queue.push_back(&waiter);
    waiter.waits_for_ = name;
    return Not::now;
}

void UnderWay::stop_waiting(Waiter& waiter) {
    const auto name = std::exchange(waiter.waits_for_, {});
    if (name.empty()) return;
    const auto found = waiting_.find(name);
    std::erase(found->second, &waiter);
    if (found->second.empty()) waiting_.erase(found);
}

void UnderWay::call_next(const std::string& name) {
    const auto found = waiting_.find(name);
    if (found == waiting_.end()) return;
    auto& next = *found->second.front();
    found->second.pop_front();
    if (found->second.empty()) waiting_.erase(found);
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
    stop_waiting(waiter);
    if (!waiter.called_for_.empty()) call_next(waiter.called_for_);
}

}  // namespace hongyan::reputation
