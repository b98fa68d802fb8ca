// The judge of what accounts send, by what the others have found in it.
#pragma once

#include "config/config.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Sits behind all others. Mail with a virus is sent in no case: what the settings would let pass is refused.
// What reaches the score, or what a filter takes for junk, is refused or held, as the settings have it.
class Outgoing final : public Judge {
public:
    Outgoing(config::OutgoingChecks checks, double score) : checks_(checks), score_(score) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    config::OutgoingChecks checks_;
    double score_;
};

}  // namespace hongyan::spam
