#include "reputation/trust.h"

#include "base/ascii.h"

namespace hongyan::reputation {

std::string name_of_network(const Site& client) { return "network\n" + client.neighbourhood().octets(); }

std::string name_of_domain(std::string_view domain) { return "domain\n" + ascii::to_lower(domain); }

std::vector<std::string> names_of(const Site& client, std::string_view domain) {
    std::vector<std::string> names{name_of_network(client)};
    if (!domain.empty()) names.push_back(name_of_domain(domain));
    return names;
}

bool Trust::trusts(const Site& client) const {
    if (trusted_after_ == 0) return false;
    const auto mark = slots_.find(name_of_network(client));
    return mark && *mark && (*mark)->count >= trusted_after_ &&
           notebook_.clock().now() - (*mark)->last <= between_marks;
}

}  // namespace hongyan::reputation
