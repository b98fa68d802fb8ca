#include "outbound/limits.h"

namespace hongyan::outbound {

namespace {

Limit limit_of(const config::DomainLimit& limit) {
    Limit made{.connections = limit.connections, .messages = limit.messages};
    if (limit.provider == nullptr) return made;
    if (made.connections == 0) made.connections = limit.provider->connections_from_outside;
    if (made.messages == 0) made.messages = limit.provider->messages_from_outside;
    return made;
}

}  // namespace

Limits::Limits(const config::DomainLimits& limits) {
    for (const auto& limit : limits)
        if (limit.provider == nullptr) by_domain_.add(limit.domain, limit_of(limit));
    for (const auto& limit : limits)
        if (limit.provider != nullptr)
            for (const auto domain : limit.provider->domains) by_domain_.add(domain, limit_of(limit));
}

Limit Limits::of(std::string_view domain, std::size_t usual) const {
    if (by_domain_.empty()) return {.connections = usual};
    const auto* found = by_domain_.named(domain);
    if (found == nullptr) found = by_domain_.of_all();
    auto limit = found != nullptr ? *found : Limit{};
    if (limit.connections == 0) limit.connections = usual;
    return limit;
}

}  // namespace hongyan::outbound
