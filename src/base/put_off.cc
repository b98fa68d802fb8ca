#include "base/put_off.h"

#include <algorithm>

#include "base/guarded.h"

namespace hongyan {

namespace {

constexpr std::chrono::seconds shortest{30}, longest = std::chrono::hours(1);
constexpr std::chrono::hours between_words{1};

}  // namespace

bool PutOff::is_due(const std::string& name, Time now) const {
    const auto found = waiting_.find(name);
    return found == waiting_.end() || found->second.until <= now;
}

bool PutOff::put_off(const std::string& name, Time now) {
    const auto [found, is_new] = waiting_.try_emplace(name);
    auto& waiting = found->second;
    waiting.pause = is_new ? shortest : std::min(longest, 2 * waiting.pause);
    waiting.until = now + waiting.pause;
    const bool is_told = is_new || now >= waiting.told + between_words;
    if (is_told) waiting.told = now;
    return is_told;
}

void PutOff::attempt(const std::string& name, Time now, const std::function<void()>& work,
                     const std::function<void(const Error& why)>& complain) {
    if (!is_due(name, now)) return;
    const auto done = guarded(work);
    if (done) return forget(name);
    if (put_off(name, now)) complain(done.error());
}

void PutOff::keep_only(const std::vector<std::string>& names) {
    std::erase_if(waiting_,
                  [&](const auto& entry) { return std::ranges::find(names, entry.first) == names.end(); });
}

}  // namespace hongyan
