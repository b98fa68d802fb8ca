#include "flow/delivery.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "flow/commit.h"
#include "flow/outcome.h"
#include "flow/replies.h"
#include "flow/tell.h"

namespace hongyan::flow {

namespace {

net::Task<> commit_some(const World& world, const std::vector<engine::Part>& parts,
                        std::vector<std::size_t> wanted, engine::Together together, Outcomes& outcomes) {
    std::vector<engine::Part> some;
    for (const auto part : wanted) some.push_back(parts[part]);
    auto came_to = co_await commit(world.store.engine(), std::move(some), together);
    for (auto outcome = came_to.begin(); const auto part : wanted) outcomes[part] = std::move(*outcome++);
}

// Parts by which recipients hang together: those to whom an alias leads, and an entry of the queue or a
// mailbox to which several lead.
class Joined {
public:
    explicit Joined(const DeliveryPlan& plan, std::size_t parts) : next_(parts) {
        std::iota(next_.begin(), next_.end(), std::size_t{0});
        for (const auto& leg : plan.legs)
            for (const auto part : leg.parts) next_[first_of(part)] = first_of(leg.parts.front());
    }

    std::vector<std::vector<std::size_t>> groups(const DeliveryPlan& plan) {
        std::set<std::size_t> wanted;
        for (const auto& leg : plan.legs) wanted.insert(leg.parts.begin(), leg.parts.end());
        std::map<std::size_t, std::vector<std::size_t>> by_first;
        for (const auto part : wanted) by_first[first_of(part)].push_back(part);
        std::vector<std::vector<std::size_t>> groups;
        for (auto& [first, group] : by_first) groups.push_back(std::move(group));
        return groups;
    }

private:
    std::size_t first_of(std::size_t part) {
        while (next_[part] != part) part = next_[part] = next_[next_[part]];
        return part;
    }

    std::vector<std::size_t> next_;  // towards the first of its group, which is its own
};

// Who is answered 4xx is tried again, so that nothing of what he leads to may have been kept then, neither by
// another who leads there, too. Recipients of one part each, which are most, cost one commit.
net::Task<Outcomes> commit_legs(const World& world, const DeliveryPlan& plan,
                                const std::vector<engine::Part>& parts) {
    Outcomes outcomes(parts.size(), fail(Error::Kind::internal, "not tried"));
    std::vector<std::size_t> alone;
    std::vector<std::vector<std::size_t>> several;
    for (auto& group : Joined(plan, parts.size()).groups(plan)) {
        if (group.size() > 1)
            several.push_back(std::move(group));
        else
            alone.push_back(group.front());
    }
    co_await commit_some(world, parts, std::move(alone), engine::Together::each_by_itself, outcomes);
    for (auto& group : several)
        co_await commit_some(world, parts, std::move(group), engine::Together::all_or_none, outcomes);
    co_return outcomes;
}

// LMTP, where not all went well (RFC 2033 §4.2). What did is told afterwards, since only now it is known.
net::Task<Outcomes> commit_each(const World& world, DeliveryPlan& plan, std::vector<engine::Part> parts) {
    // The notification would tell of those, too, with whom it did not go well.
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(plan.notice_begins), parts.end());
    const auto is_left_out = [&parts](const auto& step) { return step.part >= parts.size(); };
    std::erase_if(plan.placings, is_left_out);
    std::erase_if(plan.handings, is_left_out);
    auto outcomes = co_await commit_legs(world, plan, parts);
    std::vector<queue::Record> records;
    for (const auto& placing : plan.placings)
        if (outcomes[placing.part]) records.push_back(placing.record);
    if (!records.empty() && plan.tells) {
        auto telling = world.queue.telling(records);
        co_await commit(world.store.engine(), std::move(telling), engine::Together::each_by_itself);
    }
    co_return outcomes;
}

// Together, which is the rule; in LMTP each recipient by himself, if one fails.
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
