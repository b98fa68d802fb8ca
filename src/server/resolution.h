// The answers to questions about names, for the whole server.
#pragma once

#include "config/config.h"
#include "net/caching_resolver.h"
#include "net/loops.h"

namespace hongyan::server {

// Made before whoever asks, ended after them. Has a thread of its own, and another from the first question
// on.
class Resolution {
public:
    // The errors are those of what the settings name: a trust anchor, a file of hosts, a server.
    static Result<std::unique_ptr<Resolution>> make(const config::Dns& dns);
    Resolution(const Resolution&) = delete;
    Resolution& operator=(const Resolution&) = delete;
    ~Resolution() = default;

    net::Resolver& resolver() const { return *cache_; }
    // Nobody is answered any more.
    void stop() { loops_.stop(); }

private:
    Resolution() : loops_(1) {}

    net::Loops loops_;  // first: what is below belongs to it
    std::unique_ptr<net::Resolver> resolver_;
    std::unique_ptr<net::CachingResolver> cache_;
};

}  // namespace hongyan::server
