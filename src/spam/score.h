// The last judge: adds up what the others have found.
#pragma once

#include "spam/judge.h"

namespace hongyan::spam {

// From which score on; 0: never.
struct Thresholds {
    double junk = 6;     // into the mailbox for junk
    double reject = 15;  // 550 5.7.1
};

// Puts the field X-Hongyan-Spam before a message in which something was found: "no, score=2.5; dnsbl=3.0, …".
// Where that depends on who gets it, each placement has a field and goes by the sum of both; it is refused if
// it is to be for all of them.
class Score final : public Judge {
public:
    explicit Score(const Thresholds& thresholds) : thresholds_(thresholds) {}

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    Thresholds thresholds_;
};

// Folded, with its line end; codes only, which are ours.
std::string spam_field(std::span<const Finding> findings, const Thresholds& thresholds);

}  // namespace hongyan::spam
