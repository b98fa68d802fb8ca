// Notifications to senders about what waits in the queue.
#pragma once

#include <vector>

#include "flow/notice.h"
#include "outbound/parcel.h"
#include "outbound/settings.h"

namespace hongyan::outbound {

// One notification to the sender of the load, or where that is no address the postmaster, about these
// recipients, of whom there is at least one.
smtp::Deliver notice_of(const flow::World& world, const flow::Policy& policy, const Load& load,
                        const std::vector<dsn::Outcome>& about);

// A notification as an entry of the queue, where it waits until its recipient has room again.
engine::Part waiting_notice(const flow::World& world, const smtp::Deliver& notice);

}  // namespace hongyan::outbound
