#include "server/resolution.h"

namespace hongyan::server {

Result<std::unique_ptr<Resolution>> Resolution::make(const config::Dns& dns) {
    std::unique_ptr<Resolution> made(new Resolution());
    const net::ResolverSettings settings{
        .servers = dns.servers, .trust_anchor = dns.trust_anchor, .hosts = dns.hosts, .cache = dns.cache};
    TRY(made->resolver_, net::UnboundResolver::make(made->loops_[0], settings));
    return made;
}

}  // namespace hongyan::server
