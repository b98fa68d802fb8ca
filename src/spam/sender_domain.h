// The judge that asks whether a sender can be replied to.
#pragma once

#include "config/config.h"
#include "net/resolver.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Asks for the MX of a sender's domain. One that takes no mail is refused (RFC 7505 §4.1). One that does not
// exist, or has neither MX nor address, can send no mail that is answered (RFC 5321 §2.3.5): that has a
// score, or is refused, and put off while nobody knows. Of the domains of authors only those count that take
// no mail: a score, or a refusal (RFC 7505 §4.1). Strangers only.
class SenderDomain final : public Judge {
public:
    // `resolver` outlives this. `handling` is not accept.
    SenderDomain(config::SenderDomains handling, std::chrono::milliseconds patience, net::Resolver& resolver)
        : handling_(handling), patience_(patience), resolver_(resolver) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Asking;
    config::SenderDomains handling_;
    std::chrono::milliseconds patience_;
    net::Resolver& resolver_;
};

}  // namespace hongyan::spam
