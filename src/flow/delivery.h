// One message on its way to everybody it is for: kept in one durable commit, and then acknowledged.
#pragma once

#include "flow/delivery_plan.h"
#include "flow/world.h"
#include "smtp/question.h"

namespace hongyan::flow {

// Whose outcomes go together: SMTP has one reply, LMTP one for each recipient.
enum class Recipients { as_protocol_says, together };

// Keeps the message: all parts together, with one reply, or in LMTP each recipient by himself, all that he
// leads to or nothing (RFC 2033 §4.2); recipients that lead to the same mailbox or entry of the queue share
// their fate. The replies are made after the commit is durable. The log, which knows the session, hears of
// each recipient.
net::Task<smtp::Replies> deliver(const World& world, const log::Log& session_log,
                                 const smtp::Deliver& message, DeliveryPlan plan,
                                 Recipients recipients = Recipients::as_protocol_says);

}  // namespace hongyan::flow
