// One message's outcomes on their way into the store. For this folder.
#pragma once

#include <functional>

#include "flow/delivery_plan.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

struct Dispatcher::Settlement {
    // What was said fills most of it. False if there was nothing to forget.
    bool forget_replies() {
        bool had_any = false;
        for (auto& outcome : outcomes) had_any |= !std::exchange(outcome.attempt.reply, {}).empty();
        return had_any;
    }

    // So that its own trouble keeps nothing from being settled. False if it does already, or there is none.
    bool let_notice_wait() { return plan && !std::exchange(notice_waits, true); }

    Load load;
    std::vector<queue::Outcome> outcomes;
    std::optional<smtp::Deliver> notice;         // what the sender is told of them, in the same commit
    std::optional<flow::DeliveryPlan> plan;      // of the notice
    bool notice_waits = false;                   // its recipient has no room: it goes into the queue
    std::optional<engine::Part> waiting_notice;  // as it does, made once
};

}  // namespace hongyan::outbound
