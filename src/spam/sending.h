// The judge who holds accounts to what people send, and not what stolen passwords do.
#pragma once

#include <mutex>
#include <span>
#include <string>
#include <unordered_set>

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
    // Whom an account has just written to is known at once, also while that is still on its way to the disk.
    void remember(const std::string& account, std::span<const std::string> addresses);
    bool knows(const std::string& account, const std::string& address) const;

    reputation::Sending& sending_;
    net::Workers& workers_;
    mutable std::mutex mutex_;  // guards what follows
    // The latest of all accounts, in two halves: the older one goes when the newer one is full.
    std::unordered_set<std::string> newer_, older_;
};

}  // namespace hongyan::spam
