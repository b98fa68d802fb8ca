// The judge that takes out what claims to be ours.
#pragma once

#include "config/config.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Fields of Authentication-Results in our name are forged in whatever comes, verified or not (RFC 8601 §5):
// what the judges write stands before the message, and comes later. Fields X-Hongyan-… are, but in mail of
// our own accounts and networks. Sits behind the judge of signatures, which may cover such fields, and before
// filters, which may write some.
class Cleaning final : public Judge {
public:
    // `hostname` is the authserv-id (RFC 8601 §2.5), `relay_networks` those of our own people.
    Cleaning(std::string hostname, config::Networks relay_networks)
        : hostname_(std::move(hostname)), relay_networks_(std::move(relay_networks)) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    std::string hostname_;
    config::Networks relay_networks_;
};

}  // namespace hongyan::spam
