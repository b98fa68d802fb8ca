// The MTA-STS policies of the domains we send to: asked for, fetched, and kept (RFC 8461).
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"
#include "net/https_client.h"
#include "net/workers.h"
#include "outbound/tls_counts.h"
#include "tls_policy/mta_sts.h"

namespace hongyan::outbound {

struct Settings;

struct StsFinding {
    std::optional<tls_policy::StsPolicy> policy = {};  // in force today; nothing: none is known
    bool is_uncertain = false;                         // there may be one, which cannot be had now
};

// Kept in the engine's global scope (docs/formats/tls_policy.md), so that whoever can silence DNS or the web
// server of a domain does not silence a policy that we know. Belongs to one loop; what it refers to outlives
// its tasks.
class StsPolicies {
public:
    struct Parts {
        engine::Engine& engine;
        net::Resolver& resolver;
        const net::TlsClientContext& tls;
        Random& random;
        const Clock& clock;
        log::Log log;
        TlsCounts& counts;  // of policies that could not be had
        net::Workers& workers;
        const net::Ourselves& ourselves;  // whom nobody asks (reach.h)
    };

    StsPolicies(Parts parts, const Settings& settings) : parts_(std::move(parts)), settings_(settings) {}

    // Asks DNS, and, where the policy is new or old, its host, within dns_patience and
    // tls_policy::sts_fetch_patience. Several who ask for the same at once wait for one fetch.
    // An error: a policy may be in force that is kept and cannot be read, nor fetched again. It lasts as long
    // as a policy can, at most.
    net::Task<Result<StsFinding>> find(dns::Name domain);
    // Removes the policies that have ended: of domains to which no mail has gone for as long as they last.
    net::Task<> forget_ended();

private:
    struct Fetch;

    // Nothing: none is kept.
    net::Task<Result<std::optional<tls_policy::CachedSts>>> kept(dns::Name domain) const;
    net::Task<Result<tls_policy::CachedSts>> refresh(dns::Name domain, std::string id);
    net::Task<Result<tls_policy::StsPolicy>> fetch(dns::Name domain);
    net::Task<> keep(dns::Name domain, tls_policy::CachedSts fetched);
    void report(const dns::Name& domain, tls_policy::TlsResult result, const std::string& why);

    Parts parts_;
    const Settings& settings_;
    std::map<dns::Name, std::shared_ptr<Fetch>> under_way_;
};

}  // namespace hongyan::outbound
