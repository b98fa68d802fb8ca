#include "outbound/notice.h"

#include "flow/signing.h"

namespace hongyan::outbound {

smtp::Deliver notice_of(const flow::World& world, const flow::Policy& policy, const Load& load,
                        const std::vector<dsn::Outcome>& about) {
    const auto& entry = load.entry;
    // RFC 3461 §5.2: what cannot be told to the sender is the postmaster's.
    const auto sender = message::parse_address(entry.sender).value_or(flow::postmaster_of(policy));
    const auto whole = entry.prefix + *load.content;
    const dsn::Subject subject{
        .sender = sender,
        .envelope_id = entry.envelope_id,
        // RFC 8689 §5: what was to be kept secret is not returned.
        .wanted_return = entry.requiretls ? dsn::Return::headers : dsn::parse_return(entry.wanted_return),
        .queue_id = to_string(entry.id),
        .arrival = entry.arrival,
        .deliver_by = entry.deliver_by.mode == queue::DeliverBy::Mode::none
                          ? std::nullopt
                          : std::optional(entry.deliver_by.deadline),
        .release = entry.hold_until == Instant{} ? std::nullopt : std::optional(entry.hold_until),
        .message = whole};
    auto notice = flow::make_notice(world, policy, subject, about);
    notice.envelope.parameters.requiretls = entry.requiretls;
    return notice;
}

engine::Part waiting_notice(const flow::World& world, const smtp::Deliver& notice) {
    auto blob = engine::prepare_blob(*notice.message);
    queue::Entry entry;
    entry.id = world.queue.next_id();
    entry.body = notice.envelope.parameters.body == smtp::Body::eight_bit ? "8BITMIME" : "";
    entry.smtputf8 = notice.envelope.parameters.smtputf8;
    entry.requiretls = notice.envelope.parameters.requiretls;
    entry.blob = blob->id;
    entry.blob_size = blob->size;
    entry.arrival = world.clock.now();
    entry.prefix = flow::signatures_of(world, {}, *notice.message);
    queue::Recipient recipient;
    recipient.address = smtp::to_string(notice.envelope.recipients.front().path);
    recipient.notify = "NEVER";
    recipient.next_attempt = entry.arrival;
    entry.recipients.push_back(std::move(recipient));
    return world.queue.part_of(std::move(entry), std::move(blob));
}

}  // namespace hongyan::outbound
