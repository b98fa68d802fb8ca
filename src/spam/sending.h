// The judge who holds accounts to what people send, and not what stolen passwords do.
#pragma once

#include "net/workers.h"
#include "reputation/sending.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Asked about those who have logged in, and nobody else.
class SendingLimits final : public Judge {
public:
    // Both outlive this.
    SendingLimits(reputation::Sending& sending, net::Workers& workers)
        : sending_(sending), workers_(workers) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Counting;
    reputation::Sending& sending_;
    net::Workers& workers_;
};

}  // namespace hongyan::spam
