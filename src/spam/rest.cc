#include "spam/rest.h"

#include <algorithm>

#include <fmt/format.h>

namespace hongyan::spam {

namespace {

// One message may break a filter that is well otherwise.
constexpr int most_breaks = 3;

}  // namespace

bool Rest::has_failed_at(Stage at) const {
    return (is_out_of_reach_ && at == Stage::greeting) || (breaks_ >= most_breaks && at == broken_at_);
}

std::optional<std::string> Rest::reason(Stage at) {
    const std::lock_guard lock(mutex_);
    const auto now = now_();
    if (!until_) return std::nullopt;
    if (now >= *until_) {
        // The others wait for what this one finds.
        if (has_failed_at(at)) until_ = now + length_;
        return std::nullopt;
    }
    // A connection that is there is used up to where it broke.
    if (at != Stage::greeting && !has_failed_at(at)) return std::nullopt;
    const auto left = std::chrono::ceil<std::chrono::seconds>(*until_ - now).count();
    return fmt::format("it is not tried for {} seconds, for {}", left, why_);
}

void Rest::failed(Failure failure, std::string_view why, Stage at) {
    const std::lock_guard lock(mutex_);
    if (failure == Failure::out_of_reach) {
        is_out_of_reach_ = true;
    } else {
        ++breaks_;
        broken_at_ = std::max(broken_at_, at);
        if (breaks_ < most_breaks) return;
    }
    if (length_.count() == 0) return;
    until_ = now_() + length_;
    why_ = why;
}

void Rest::worked(Stage at) {
    const std::lock_guard lock(mutex_);
    if (at == Stage::greeting) is_out_of_reach_ = false;
    if (at >= broken_at_) {
        breaks_ = 0;
        broken_at_ = Stage::greeting;
    }
    if (!is_out_of_reach_ && breaks_ < most_breaks) until_.reset();
}

}  // namespace hongyan::spam
