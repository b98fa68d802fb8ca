#include "flow/outcome.h"

#include <algorithm>

#include "base/ascii.h"
#include "flow/handover.h"
#include "flow/refusals.h"
#include "flow/replies.h"
#include "flow/tell.h"
#include "message/message_ids.h"
#include "smtp/wire/parameters.h"

namespace hongyan::flow {

namespace {

// What the sender asked for, as MAIL said it: RFC 6710 §4.1 wants priorities logged.
std::string wishes_of(const smtp::MailParameters& parameters) {
    const smtp::MailParameters wishes{.priority = parameters.priority,
                                      .hold_for = parameters.hold_for,
                                      .hold_until = parameters.hold_until,
                                      .deliver_by = parameters.deliver_by,
                                      .requiretls = parameters.requiretls};
    return std::string(ascii::trim(smtp::to_text(wishes)));
}

// A line for each recipient, so that a message is followed by its id, and a session by its own.
class Journal {
public:
    Journal(const log::Log& session_log, const smtp::Deliver& message, const std::string& id)
        : log_(session_log.for_message(id)),
          from_(smtp::to_string(message.envelope.sender)),
          size_(fmt::format("{}", message.message->size())),
          account_(message.client.account),
          wishes_(wishes_of(message.envelope.parameters)) {}

    void kept(std::string_view how, const smtp::Recipient& recipient) const {
        log_.info(how, {{"from", from_},
                        {"to", smtp::to_string(recipient.path)},
                        {"size", size_},
                        {"account", account_},
                        {"wishes", wishes_}});
    }
    // `why` is more than the client is told, if anything is.
    void not_kept(const smtp::Recipient& recipient, const smtp::Reply& reply, const std::string& why) const {
        log_.warning("not kept", {{"from", from_},
                                  {"to", smtp::to_string(recipient.path)},
                                  {"size", size_},
                                  {"account", account_},
                                  {"code", fmt::format("{}", reply.code)},
                                  {"status", reply.status},
                                  {"reason", reply.lines.front()},
                                  {"ground", std::string(reply.ground)},
                                  {"why", why}});
    }

private:
    log::Log log_;
    std::string from_, size_, account_, wishes_;
};

std::string trouble_of(const DeliveryPlan::Leg& leg, const Outcomes& outcomes) {
    for (const auto part : leg.parts)
        if (part < outcomes.size() && !outcomes[part]) return outcomes[part].error().message;
    return {};
}

void tell_of(Refusals& refusals, queue::Record record, const smtp::Reply& reply) {
    record.ground = reply.ground;
    record.attempt.status = reply.status;
    record.attempt.reply = smtp::to_text(reply);
    refusals.tell(std::move(record));
}

}  // namespace

smtp::Reply reply_for(const DeliveryPlan& plan, const DeliveryPlan::Leg& leg, const Outcomes& outcomes) {
    if (leg.refusal) return *leg.refusal;
    for (const auto part : leg.parts)
        if (!outcomes[part]) return replies::reply_to(outcomes[part].error());
    return {250, "2.0.0", fmt::format("Ok, kept as {}", plan.id)};
}

smtp::Reply reply_for_all(const DeliveryPlan& plan, const Outcomes& outcomes) {
    for (const auto& leg : plan.legs)
        if (auto reply = reply_for(plan, leg, outcomes); !reply.is_success()) return reply;
    return reply_for(plan, plan.legs.front(), outcomes);
}

void log_outcome(const log::Log& session_log, const smtp::Deliver& message, const DeliveryPlan& plan,
                 const Outcomes& outcomes, const smtp::Replies& replies) {
    const Journal journal(session_log, message, plan.id);
    for (std::size_t i = 0; i < plan.legs.size(); ++i) {
        const auto& recipient = message.envelope.recipients[i];
        const auto& leg = plan.legs[i];
        const auto& reply = replies[std::min(i, replies.size() - 1)];
        const auto in_mailbox = [&plan](std::size_t part) {
            return std::ranges::binary_search(plan.placings, part, {}, &DeliveryPlan::Placing::part);
        };
        if (!reply.is_success()) {
            journal.not_kept(recipient, reply, trouble_of(leg, outcomes));
            continue;
        }
        if (std::ranges::any_of(leg.parts, in_mailbox)) journal.kept("delivered", recipient);
        if (!std::ranges::all_of(leg.parts, in_mailbox)) journal.kept("queued", recipient);
    }
}

queue::Record record_of(const smtp::Deliver& message, const smtp::Recipient& recipient,
                        std::string_view message_id) {
    queue::Record record;
    record.sender = smtp::to_string(message.envelope.sender);
    record.recipient = smtp::to_string(recipient.path);
    record.account = message.client.account;
    record.message_id = message_id;
    record.size = message.message->size();
    record.attempt.host = message.client.said_name;
    record.attempt.address = message.client.address;
    return record;
}

void tell_of_refusals(const World& world, const smtp::Deliver& message, const DeliveryPlan& plan,
                      const smtp::Replies& replies) {
    if (!world.refusals) return;
    for (std::size_t i = 0; i < plan.legs.size(); ++i) {
        const auto& reply = replies[std::min(i, replies.size() - 1)];
        if (!reply.is_success())
            tell_of(*world.refusals, record_of(message, message.envelope.recipients[i], plan.message_id),
                    reply);
    }
}

smtp::Replies refuse_all(const World& world, const smtp::Deliver& message, const smtp::Reply& reply,
                         const std::string& judged) {
    const auto& recipients = message.envelope.recipients;
    if (world.refusals) {
        const auto message_id = message::message_id_of(*message.message);
        for (const auto& recipient : recipients) {
            auto record = record_of(message, recipient, message_id);
            record.judged = judged;
            tell_of(*world.refusals, std::move(record), reply);
        }
    }
    const bool lmtp = message.client.protocol == smtp::Protocol::lmtp;
    return smtp::Replies(lmtp ? recipients.size() : 1, reply);
}

void announce(const World& world, const DeliveryPlan& plan, std::span<const Result<void>> outcomes) {
    const auto log = world.log.for_message(plan.id);
    for (const auto& handing : plan.handings)
        if (outcomes[handing.part]) tell(log, "who sends it", [&] { world.handover->give(handing.fresh); });
    if (plan.queues) tell(log, "who looks after the queue", [&] { world.queue.announce(); });
    for (const auto& placing : plan.placings)
        if (outcomes[placing.part] && !placing.placed->seen_before)
            tell(log, "who watches the mailbox",
                 [&] { world.store.announce(placing.account, placing.placed->modseq); });
}

}  // namespace hongyan::flow
