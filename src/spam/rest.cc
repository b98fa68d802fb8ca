#include "spam/rest.h"

#include <fmt/format.h>

namespace hongyan::spam {

namespace {

// One message may break a filter that is well otherwise.
constexpr int most_failures = 3;

}  // namespace

std::optional<std::string> Rest::reason() {
    const std::lock_guard lock(mutex_);
    const auto now = now_();
    if (!until_) return std::nullopt;
    if (now >= *until_) {
        until_ = now + length_;  // the others wait for what this one finds
        return std::nullopt;
    }
    const auto left = std::chrono::ceil<std::chrono::seconds>(*until_ - now).count();
    return fmt::format("it is not tried for {} seconds, for {}", left, why_);
}

void Rest::failed(Failure failure, std::string_view why) {
    const std::lock_guard lock(mutex_);
    ++failures_;
    const bool is_enough = failure == Failure::out_of_reach || failures_ >= most_failures;
    if (length_.count() == 0 || !is_enough) return;
    until_ = now_() + length_;
    why_ = why;
}

void Rest::worked() {
    const std::lock_guard lock(mutex_);
    failures_ = 0;
    until_.reset();
}

}  // namespace hongyan::spam
