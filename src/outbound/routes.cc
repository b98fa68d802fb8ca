#include "outbound/routes.h"

#include "base/ascii.h"
#include "dns/ip_address.h"
#include "message/a_labels.h"

namespace hongyan::outbound {

namespace {

// As both sides of a comparison have it: in lower case, and in ASCII if it has such a form.
std::string plain(std::string_view domain) {
    const auto lower = ascii::to_lower(domain);
    return message::to_a_labels(lower).value_or(lower);
}

std::string plain_pattern(std::string_view pattern) {
    if (pattern == "*") return "*";
    if (pattern.starts_with('.')) return "." + plain(pattern.substr(1));
    return plain(pattern);
}

std::string plain_sender(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == address.npos) return ascii::to_lower(address);
    return ascii::to_lower(address.substr(0, at + 1)) + plain(address.substr(at + 1));
}

const config::NextHop* look_up(const std::map<std::string, config::NextHop, std::less<>>& table,
                               std::string_view key) {
    const auto found = table.find(key);
    return found == table.end() ? nullptr : &found->second;
}

}  // namespace

Routes::Routes(const config::Routes& routes) {
    for (const auto& route : routes) {
        if (route.sender.empty())
            by_domain_.try_emplace(plain_pattern(route.domain), route.hop);
        else
            by_sender_.try_emplace(plain_sender(route.sender), route.hop);
    }
}

const config::NextHop* Routes::in_domains(const std::string& domain) const {
    if (const auto* const hop = look_up(by_domain_, domain)) return hop;
    for (auto dot = domain.find('.'); dot != domain.npos; dot = domain.find('.', dot + 1))
        if (const auto* const hop = look_up(by_domain_, std::string_view(domain).substr(dot))) return hop;
    return nullptr;
}

const config::NextHop* Routes::find(std::string_view domain, std::string_view sender) const {
    if (by_domain_.empty() && by_sender_.empty()) return nullptr;
    const auto found = [&]() -> const config::NextHop* {
        if (const auto* const hop = in_domains(plain(domain))) return hop;
        if (depend_on_sender() && !sender.empty()) {
            const auto who = plain_sender(sender);
            if (const auto* const hop = look_up(by_sender_, who)) return hop;
            const auto at = std::min(who.rfind('@'), who.size());
            if (const auto* const hop = look_up(by_sender_, std::string_view(who).substr(at))) return hop;
        }
        return look_up(by_domain_, "*");
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
