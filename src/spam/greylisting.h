// The judge who puts off who has not been here before (RFC 6647).
#pragma once

#include "net/workers.h"
#include "reputation/correspondents.h"
#include "reputation/greylist.h"
#include "spam/judge.h"

namespace hongyan::spam {

// Asked at each recipient. Lets pass who has logged in, and to whom the recipient has written. A fault of
// ours puts nobody off.
class Greylisting final : public Judge {
public:
    // All of it outlives this.
    Greylisting(reputation::Greylist& greylist, const reputation::Correspondents& correspondents,
                net::Workers& workers);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    class Waiting;
    reputation::Greylist& greylist_;
    const reputation::Correspondents& correspondents_;
    net::Workers& workers_;
};

}  // namespace hongyan::spam
