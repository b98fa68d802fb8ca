// Notifications of ours as messages that are delivered like any other: from <> to whoever sent the message.
#pragma once

#include <vector>

#include "dsn/compose.h"
#include "flow/policy.h"
#include "flow/world.h"
#include "smtp/question.h"

namespace hongyan::flow {

// The host, the sender's own language if he has an account here, the sizes. Blocks for the disk.
dsn::Settings notice_settings(const World& world, const Policy& policy, const message::Address& sender);

// The address of the postmaster, in whose name notifications are written.
message::Address postmaster_of(const Policy& policy);

// The notification, ready for plan_delivery(): null reverse-path, NOTIFY=NEVER (RFC 3461 §6.1). Blocks.
smtp::Deliver make_notice(const World& world, const Policy& policy, const dsn::Subject& subject,
                          const std::vector<dsn::Outcome>& outcomes);

// Whether whoever it is for has room for it, as far as he is here. Blocks for the disk.
bool has_room(const World& world, const Policy& policy, const smtp::Deliver& notice);

// Whoever's mailbox is full gets it when there is room, through the queue: it must not keep the message from
// those it is for. Blocks for the disk.
void let_wait_for_room(const World& world, const Policy& policy, smtp::Deliver& notice);

}  // namespace hongyan::flow
