// One message's outcomes on their way into the store. For this folder.
#pragma once

#include <functional>

#include "flow/delivery_plan.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

struct Dispatcher::Settlement {
    Load load;
    std::vector<queue::Outcome> outcomes;
    std::optional<smtp::Deliver> notice;     // what the sender is told of them, in the same commit
    std::optional<flow::DeliveryPlan> plan;  // of the notice
    bool notice_waits = false;               // its recipient has no room: it goes into the queue
};

}  // namespace hongyan::outbound
