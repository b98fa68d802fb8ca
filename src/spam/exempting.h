// A judge who is not asked about some clients. Of accounts the judge decides, wherever they come from.
#pragma once

#include <algorithm>

#include "config/config.h"
#include "spam/judge.h"

namespace hongyan::spam {

class Exempting final : public Judge {
public:
    Exempting(config::Networks exempt, std::shared_ptr<Judge> judge)
        : exempt_(std::move(exempt)), judge_(std::move(judge)) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override {
        const auto bytes = config::parse_address(client.address);
        const auto is_around = [&](const config::Network& network) { return network.contains(*bytes); };
        const bool is_exempt = !bytes || std::ranges::any_of(exempt_, is_around);
        if (is_exempt && client.account.empty()) return nullptr;
        return judge_->visit(client, log);
    }

private:
    config::Networks exempt_;
    std::shared_ptr<Judge> judge_;
};

}  // namespace hongyan::spam
