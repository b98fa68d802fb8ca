#include "outbound/itinerary.h"

#include <algorithm>

namespace hongyan::outbound {

Itinerary::Addresses Itinerary::divide(const std::vector<dns::IpAddress>& all,
                                       const std::function<bool(const dns::IpAddress&)>& rests) const {
    Addresses divided;
    for (const auto& address : all) {
        auto& place = rests(address)                 ? divided.last
                      : divided.now.size() == share_ ? divided.later
                                                     : divided.now;
        place.push_back(address);
    }
    return divided;
}

void HostRests::failed(const std::string& where, Time until, Time now) {
    if (until_.size() >= most) std::erase_if(until_, [now](const auto& rest) { return rest.second <= now; });
    if (until_.size() < most) until_[where] = until;
}

bool HostRests::rests(const std::string& where, Time now) const {
    const auto found = until_.find(where);
    return found != until_.end() && now < found->second;
}

}  // namespace hongyan::outbound
