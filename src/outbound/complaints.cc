#include "outbound/complaints.h"

namespace hongyan::outbound {

namespace {

constexpr std::chrono::hours between_the_same{1};
constexpr std::chrono::minutes between_any{1};  // so that no more than sixty are remembered

}  // namespace

bool Complaints::is_due(const std::string& complaint, Time now) {
    std::erase_if(told_, [now](const auto& told) { return told.second + between_the_same <= now; });
    if ((last_ && now < *last_ + between_any) || told_.contains(complaint)) return false;
    told_[complaint] = now;
    last_ = now;
    return true;
}

}  // namespace hongyan::outbound
