#include "outbound/routes.h"

#include "base/ascii.h"
#include "dns/ip_address.h"

namespace hongyan::outbound {

namespace {

std::string plain_sender(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == address.npos) return ascii::to_lower(address);
    return ascii::to_lower(address.substr(0, at + 1)) + plain_domain(address.substr(at + 1));
}

}  // namespace

Routes::Routes(const config::Routes& routes) {
    for (const auto& route : routes) {
        if (route.sender.empty())
            by_domain_.add(route.domain, route.hop);
        else
            by_sender_.try_emplace(plain_sender(route.sender), route.hop);
    }
}

const config::NextHop* Routes::find(std::string_view domain, std::string_view sender) const {
    if (by_domain_.empty() && by_sender_.empty()) return nullptr;
    const auto found = [&]() -> const config::NextHop* {
        if (const auto* const hop = by_domain_.named(domain)) return hop;
        if (depend_on_sender() && !sender.empty()) {
            const auto who = plain_sender(sender);
            if (const auto found_one = by_sender_.find(who); found_one != by_sender_.end())
                return &found_one->second;
            const auto at = std::min(who.rfind('@'), who.size());
            if (const auto found_one = by_sender_.find(who.substr(at)); found_one != by_sender_.end())
                return &found_one->second;
        }
        return by_domain_.of_all();
    }();
    return found != nullptr && !found->direct ? found : nullptr;
}

std::optional<config::NextHop> hop_of_name(const std::string& destination) {
    const bool is_more_than_a_name = destination.find_first_of("[:") != destination.npos;
    if (!is_more_than_a_name || dns::IpAddress::parse_literal(destination)) return std::nullopt;
    auto hop = config::NextHop::parse(destination);
    if (!hop) return std::nullopt;
    return *std::move(hop);
}

}  // namespace hongyan::outbound
