#include "reputation/recent.h"

#include <utility>

namespace hongyan::reputation {

namespace {

constexpr std::size_t most_young = 4'096;  // of some 150 bytes
constexpr std::chrono::milliseconds known_for = std::chrono::seconds(2);

}  // namespace

const Recent::Known* Recent::known(std::string_view key, Instant now) const {
    for (const auto* table : {&young_, &old_})
        if (const auto found = table->find(key); found != table->end())
            return now < found->second.until ? &found->second : nullptr;
    return nullptr;
}

std::optional<Recent::Value> Recent::find(std::string_view key, Instant now) const {
    const std::lock_guard lock(mutex_);
    std::optional<Value> value;
    if (const auto* const found = known(key, now)) value.emplace(found->value);
    return value;
}

void Recent::put(std::string_view key, Known what) {
    if (young_.size() >= most_young) old_ = std::exchange(young_, {});
    young_.insert_or_assign(std::string(key), std::move(what));
}

void Recent::written(std::string_view key, Value value, Instant now) {
    const std::lock_guard lock(mutex_);
    put(key, {.value = std::move(value), .until = now + known_for, .is_coming = true});
}

void Recent::kept(std::string_view key, Value value, Instant now) {
    const std::lock_guard lock(mutex_);
    if (const auto* const there = known(key, now); there != nullptr && there->is_coming) return;
    put(key, {.value = std::move(value), .until = now + known_for});
}

void Recent::read(std::string_view key, const Value& value, Instant now) {
    const std::lock_guard lock(mutex_);
    if (known(key, now) == nullptr) put(key, {.value = value, .until = now + known_for});
}

void Recent::forget(std::string_view key) {
    const std::lock_guard lock(mutex_);
    young_.erase(std::string(key));
    old_.erase(std::string(key));
}

}  // namespace hongyan::reputation
