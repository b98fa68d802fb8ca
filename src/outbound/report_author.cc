#include "outbound/report_author.h"

namespace hongyan::outbound {

namespace {

using directory::Directory;
using directory::DomainName;

Result<bool> signs(const Directory& directory, const DomainName& domain) {
    TRY(const auto signers, directory.signers(domain));
    return !signers->empty();
}

Result<std::optional<DomainName>> signing_above(const Directory& directory, std::string_view name) {
    while (!name.empty()) {
        if (const auto domain = DomainName::parse(name)) {
            TRY(const auto found, signs(directory, *domain));
            if (found) return *domain;
        }
        const auto dot = name.find('.');
        name.remove_prefix(dot == name.npos ? name.size() : dot + 1);
    }
    return std::nullopt;
}

}  // namespace

Result<std::optional<DomainName>> signing_domain(const Directory& directory, std::string_view hostname) {
    TRY(auto own, signing_above(directory, hostname));
    if (own) return own;
    TRY(const auto domains, directory.domains());
    for (const auto& domain : domains) {
        TRY(const auto found, signs(directory, domain.name));
        if (found) return domain.name;
    }
    return std::nullopt;
}

}  // namespace hongyan::outbound
