// Rspamd, as a judge.
#pragma once

#include "config/config.h"
#include "spam/reach.h"
#include "spam/rest.h"
#include "spam/rspamd_reply.h"

namespace hongyan::spam {

// Shows every message to Rspamd by its HTTP protocol, a connection for each.
class Rspamd final : public Judge {
public:
    // The settings name an address.
    // While it cannot be asked it rests for so long.
    Rspamd(config::Rspamd settings, Means means, std::chrono::milliseconds rest = {})
        : settings_(std::move(settings)), means_(std::move(means)), rest_(rest) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    const config::Rspamd settings_;
    const Means means_;
    Rest rest_;
};

// Does what Rspamd says, as the settings have it: its changes are made in the judgement, and told there.
void carry_out(const RspamdReply& said, const config::Rspamd& settings, const smtp::Deliver& came,
               Judgement& judgement);

}  // namespace hongyan::spam
