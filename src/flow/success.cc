#include "flow/success.h"

#include "dsn/notify.h"
#include "flow/notice.h"
#include "flow/queue_parameters.h"

namespace hongyan::flow {

std::optional<dsn::Outcome> success_of(const smtp::Path& sender, const smtp::Recipient& recipient,
                                       const Destination& destination) {
    const auto& notify = recipient.notify;
    const dsn::Notify wish{
        .said = notify.said, .success = notify.success, .failure = notify.failure, .delay = notify.delay};
    const auto action = destination.is_list() ? dsn::Action::expanded : dsn::Action::delivered;
    const bool ends_here = destination.is_list() || !destination.local.empty();
    if (!sender.address || !ends_here || !dsn::is_wanted(smtp::to_string(sender), wish, action))
        return std::nullopt;
    dsn::Outcome outcome{.action = action, .address = smtp::to_string(recipient.path)};
    if (recipient.original)
        outcome.original = recipient.original->address_type + ";" + recipient.original->address;
    return outcome;
}

smtp::Deliver success_notice(const World& world, const Policy& policy, const smtp::Deliver& message,
                             const std::vector<dsn::Outcome>& successes, const Kept& kept) {
    const auto& envelope = message.envelope;
    auto notice = make_notice(world, policy,
                              {.sender = *envelope.sender.address,
                               .envelope_id = envelope.parameters.envelope_id,
                               .wanted_return = dsn::parse_return(return_of(envelope.parameters)),
                               .queue_id = kept.queue_id,
                               .received_from = message.client.said_name,
                               .arrival = kept.arrival,
                               .deliver_by = envelope.parameters.deliver_by
                                                 ? std::optional(deadline_of(envelope, kept.arrival).deadline)
                                                 : std::nullopt,
                               .message = *message.message},
                              successes);
    let_wait_for_room(world, policy, notice);
    return notice;
}

}  // namespace hongyan::flow
