// What is said of a message once its parts are kept or not: to the client, the log, and whoever watches.
#pragma once

#include <span>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "flow/delivery_plan.h"
#include "smtp/question.h"

namespace hongyan::flow {

// An outcome for each part of a plan.
using Outcomes = std::vector<Result<void>>;

// What a recipient's parts came to: the first that failed decides.
smtp::Reply reply_for(const DeliveryPlan& plan, const DeliveryPlan::Leg& leg, const Outcomes& outcomes);

// The message as a whole: what is refused for one is refused for all.
smtp::Reply reply_for_all(const DeliveryPlan& plan, const Outcomes& outcomes);

// A line for each recipient. There is a reply for each of them, or one for all.
void log_outcome(const log::Log& session_log, const smtp::Deliver& message, const DeliveryPlan& plan,
                 const Outcomes& outcomes, const smtp::Replies& replies);

// To the history: what was refused after all of the message had come.
void tell_of_refusals(const World& world, const smtp::Deliver& message, const DeliveryPlan& plan,
                      const smtp::Replies& replies);

// Of a message of which there is no plan: tells the history of each recipient. What the client hears is one
// reply for each of them in LMTP (RFC 2033 §4.2), and one for all in SMTP. `judged` is what was found of it.
smtp::Replies refuse_all(const World& world, const smtp::Deliver& message, const smtp::Reply& reply,
                         const std::string& judged = {});

// What the history says of a message and one of its recipients, whatever becomes of it. `message_id` with its
// brackets.
queue::Record record_of(const smtp::Deliver& message, const smtp::Recipient& recipient,
                        std::string_view message_id);

// Hands over what can be sent at once, which is leased and nobody else's, and tells those who watch the queue
// and the accounts, of a plan whose parts have been committed. Whoever commits a plan calls this.
void announce(const World& world, const DeliveryPlan& plan, std::span<const Result<void>> outcomes);

}  // namespace hongyan::flow
