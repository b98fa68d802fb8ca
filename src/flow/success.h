// What senders who have asked for it hear of what has gone well here (RFC 3461 §5.2).
#pragma once

#include <optional>
#include <vector>

#include "dsn/compose.h"
#include "flow/recipients.h"
#include "smtp/question.h"

namespace hongyan::flow {

// Of a mailbox here "delivered", of an alias with several members "expanded" (RFC 3461 §5.2.2 (b), §5.2.7.3);
// who has one member elsewhere lets the next server tell. Nothing where he has not asked.
std::optional<dsn::Outcome> success_of(const smtp::Path& sender, const smtp::Recipient& recipient,
                                       const Destination& destination);

// A message as we know it.
struct Kept {
    std::string queue_id;
    Instant arrival;
};
// For the sender, who is not null. One whose mailbox is full gets it when there is room. Blocks for the disk.
smtp::Deliver success_notice(const World& world, const Policy& policy, const smtp::Deliver& message,
                             const std::vector<dsn::Outcome>& successes, const Kept& kept);

}  // namespace hongyan::flow
