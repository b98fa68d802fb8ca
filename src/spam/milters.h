// Filters that speak the milter protocol, as judges.
#pragma once

#include "spam/header_edit.h"
#include "spam/milter_session.h"
#include "spam/rest.h"

namespace hongyan::spam {

// All filters of the settings, in their order: each sees what those before it have changed. What one has done
// stands in a finding. Nobody asks it about mail that another one has refused or thrown away.
class Milters final : public Judge {
public:
    // One that could not be asked rests for so long.
    Milters(config::Milters milters, Means means, std::chrono::milliseconds rest = {},
            const std::function<Rest::Time()>& now = &std::chrono::steady_clock::now);

    std::unique_ptr<Visit> visit(const smtp::Client& client, const log::Log& log) override;

private:
    const Means means_;
    const config::Milters milters_;
    std::vector<std::unique_ptr<Rest>> rests_;  // of each
};

// Does what a filter answered to a whole message: its changes are made in the judgement, and told there.
// Nothing is changed if it wants what cannot be done: then the reason is given.
std::optional<std::string> carry_out(const milter::Answered& answered, std::string_view name,
                                     LeadingSpace space, const smtp::Deliver& came, Judgement& judgement);

// In the words of the filter, or in ours; nothing if it lets it pass.
std::optional<smtp::Reply> refusal_of(const milter::Verdict& verdict);

}  // namespace hongyan::spam
