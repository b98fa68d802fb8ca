#include "reputation/trust.h"

#include <algorithm>

#include "base/ascii.h"

namespace hongyan::reputation {

std::string name_of_network(const Site& client) { return "network\n" + client.neighbourhood().octets(); }

std::string name_of_domain(std::string_view domain) { return "domain\n" + ascii::to_lower(domain); }

std::vector<std::string> names_of(const Site& client, std::string_view domain) {
    std::vector<std::string> names{name_of_network(client)};
    if (!domain.empty()) names.push_back(name_of_domain(domain));
    return names;
}

bool has_all_credit(const Slots& slots, const std::string& name, Instant now, std::uint64_t trusted_after) {
    const auto mark = slots.find(name);
    return mark && *mark && (*mark)->count >= trusted_after + most_credit &&
           now - (*mark)->last <= between_marks;
}

bool Trust::trusts(const Site& client) const {
    if (trusted_after_ == 0) return false;
    const auto mark = slots_.find(name_of_network(client));
    return mark && *mark && (*mark)->count >= trusted_after_ &&
           notebook_.clock().now() - (*mark)->last <= between_marks;
}

bool Trust::has_all_credit(const Site& client, std::string_view domain) const {
    const auto now = notebook_.clock().now();
    return std::ranges::all_of(names_of(client, domain), [&](const std::string& name) {
        return reputation::has_all_credit(slots_, name, now, trusted_after_);
    });
}

}  // namespace hongyan::reputation
