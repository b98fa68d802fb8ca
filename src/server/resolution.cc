#include "server/resolution.h"

namespace hongyan::server {

namespace {

// Of the memory for names; the rest is libunbound's, which keeps what leads to answers too.
constexpr std::uint64_t share_of_answers = 4;

}  // namespace

Result<std::unique_ptr<Resolution>> Resolution::make(const config::Dns& dns) {
    std::unique_ptr<Resolution> made(new Resolution());
    const auto ours = dns.cache / share_of_answers;
    const net::ResolverSettings settings{.servers = dns.servers,
                                         .trust_anchor = dns.trust_anchor,
                                         .hosts = dns.hosts,
                                         .cache = dns.cache - ours};
    TRY(made->resolver_, net::UnboundResolver::make(made->loops_[0], settings));
    made->cache_ = std::make_unique<net::CachingResolver>(*made->resolver_, ours);
    return made;
}

}  // namespace hongyan::server
