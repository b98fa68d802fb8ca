#include "flow/delivery.h"

#include <algorithm>
#include <utility>

#include "flow/commit.h"
#include "flow/outcome.h"
#include "flow/replies.h"
#include "flow/tell.h"

namespace hongyan::flow {

namespace {

// LMTP, where not all went well (RFC 2033 §4.2). What did is told afterwards, since only now it is known.
net::Task<Outcomes> commit_each(const World& world, DeliveryPlan& plan, std::vector<engine::Part> parts) {
    // The notification would tell of those, too, with whom it did not go well.
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(plan.notice_begins), parts.end());
    const auto is_left_out = [&parts](const auto& step) { return step.part >= parts.size(); };
    std::erase_if(plan.placings, is_left_out);
    std::erase_if(plan.handings, is_left_out);
    auto outcomes = co_await commit(world.store.engine(), std::move(parts), engine::Together::each_by_itself);
    std::vector<queue::Record> records;
    for (const auto& placing : plan.placings)
        if (outcomes[placing.part]) records.push_back(placing.record);
    if (!records.empty() && plan.tells) {
        std::vector<engine::Part> telling{world.queue.telling(std::move(records))};
        co_await commit(world.store.engine(), std::move(telling), engine::Together::each_by_itself);
    }
    co_return outcomes;
}

// Together, which is the rule; in LMTP each by itself, if one fails.
net::Task<Outcomes> commit_plan(const World& world, DeliveryPlan& plan, bool lmtp) {
    auto parts = std::exchange(plan.parts, {});
    std::vector<engine::Part> again;
    if (lmtp && plan.legs.size() > 1) again = parts;
    auto outcomes = co_await commit(world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const bool all_well =
        std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome.has_value(); });
    if (all_well || again.empty()) co_return outcomes;
    co_return co_await commit_each(world, plan, std::move(again));
}

// Trying again would not help.
bool is_circular(const DeliveryPlan& plan) {
    return std::ranges::any_of(plan.legs, [](const DeliveryPlan::Leg& leg) {
        return leg.refusal && leg.refusal->status == replies::has_been_here.status;
    });
}

}  // namespace

net::Task<smtp::Replies> deliver(const World& world, const log::Log& session_log,
                                 const smtp::Deliver& message, DeliveryPlan plan, Recipients recipients) {
    const bool lmtp =
        message.client.protocol == smtp::Protocol::lmtp && recipients == Recipients::as_protocol_says;
    // An account may have changed since RCPT. LMTP can say so for that one; SMTP has one reply, so all is
    // tried again.
    const bool changed =
        std::ranges::any_of(plan.legs, [](const auto& leg) { return leg.refusal.has_value(); });
    if (changed && !lmtp) {
        smtp::Replies refusal{is_circular(plan) ? replies::has_been_here : replies::changed_meanwhile};
        log_outcome(session_log, message, plan, {}, refusal);
        tell_of_refusals(world, message, plan, refusal);
        co_return refusal;
    }

    const auto outcomes = co_await commit_plan(world, plan, lmtp);
    announce(world, plan, outcomes);
    smtp::Replies replies;
    if (lmtp)
        for (const auto& leg : plan.legs) replies.push_back(reply_for(plan, leg, outcomes));
    else
        replies.push_back(reply_for_all(plan, outcomes));
    tell(session_log, "the log", [&] { log_outcome(session_log, message, plan, outcomes, replies); });
    tell(session_log, "the history", [&] { tell_of_refusals(world, message, plan, replies); });
    co_return replies;
}

}  // namespace hongyan::flow
