// The judge that asks who sent a message: SPF, DKIM, ARC, DMARC and the name of the client's address.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "net/resolver.h"
#include "net/workers.h"
#include "spam/judge.h"
#include "verify/authentication.h"

namespace hongyan::spam {

struct AuthenticationSettings {
    std::string hostname = {};  // the authserv-id (RFC 8601 §2.5)
    config::Verify verify = {};
    config::Networks relay_networks = {};  // of our own people
};

// What was found of a message and what was made of it, for judges and reports behind this one.
struct Authenticated {
    verify::Authentication found;
    verify::SpfQuery query;
    verify::DmarcPolicy disposition = verify::DmarcPolicy::none;  // that was carried out (RFC 7489 §7.2)
    std::string override_reason = {};  // why less was done than the domain asks; empty: as it asks
};

// Judges mail from outside: not that of our own accounts and networks, of this machine, or of LMTP unless the
// settings say so.
class AuthenticationJudge final : public Judge {
public:
    // What the parts are given by reference outlives the judge.
    struct Parts {
        net::Resolver& resolver;
        net::Workers& workers;  // for the hashes of large messages
        const Clock& clock;
        Random& random;  // for domains that wish their policy for some of their mail (RFC 7489 §6.6.4)
    };
    AuthenticationJudge(AuthenticationSettings settings, const Parts& parts)
        : settings_(std::move(settings)), parts_(parts) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    AuthenticationSettings settings_;
    Parts parts_;
};

// Whether a chain of ARC says of the message that it was authenticated when it began, and all who passed it
// on are trusted: whoever is not could have made that up (RFC 8617 §9.5).
bool is_vouched_for(const verify::ArcOutcome& chain, const std::vector<std::string>& trusted);

}  // namespace hongyan::spam
