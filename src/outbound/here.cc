// The dispatcher's part for destinations that are ours: what could not be delivered when it came, what was
// held, what somebody's alias leads to.
#include <numeric>

#include "flow/at_once.h"
#include "flow/delivery.h"
#include "outbound/dispatcher.h"

namespace hongyan::outbound {

namespace {

smtp_client::Outcome outcome_of(const smtp::Reply& reply) {
    auto outcome = smtp_client::refused(smtp_client::Stage::recipient, reply);
    outcome.reply = {0, "", std::vector<std::string>{}};
    outcome.reason = reply.lines.front();
    return outcome;
}

// As if it came from a client, for one of its recipients.
smtp::Deliver delivery_of(smtp::SharedMessage message, const smtp_client::Outgoing& outgoing,
                          const queue::Recipient& recipient, const std::string& hostname) {
    smtp::Deliver deliver;
    deliver.client = {.said_name = hostname, .protocol = smtp::Protocol::esmtp};
    deliver.envelope.sender = outgoing.sender;
    deliver.envelope.parameters = outgoing.parameters;
    // For those to whom an alias leads on. The hold is over.
    deliver.envelope.parameters.priority = outgoing.priority;
    deliver.envelope.parameters.deliver_by = outgoing.deliver_by;
    deliver.envelope.parameters.requiretls = outgoing.require_tls;
    for (const auto& one : outgoing.recipients)
        if (smtp::to_string(one.path) == recipient.address) deliver.envelope.recipients = {one};
    deliver.message = std::move(message);
    return deliver;
}

}  // namespace

net::Task<> Dispatcher::deliver_here(std::shared_ptr<Destination> destination) {
    try {
        while (!closing_) {
            auto load = co_await draw(*destination, Content::now);
            if (!load) break;
            co_await deliver_here(*std::move(load));
        }
    } catch (const std::exception& broken) {
        parts_.world.log.error("delivery broken",
                               {{"destination", destination->name}, {"why", broken.what()}});
    }
    has_ended(*destination);
}

// Who gets it is settled with it; of the others the sender hears together.
net::Task<> Dispatcher::deliver_here(Load load) {
    std::vector<std::size_t> left(load.entry.recipients.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    std::vector<Outcome> outcomes;
    std::optional<std::string> broken;
    try {
        const auto whole = std::make_shared<const std::string>(load.entry.prefix + *load.content);
        while (outcomes.size() < left.size()) {
            const auto at = static_cast<std::ptrdiff_t>(outcomes.size());
            auto refused = co_await place(load, whole, load.entry.recipients[left[outcomes.size()]]);
            if (refused) {
                outcomes.push_back(*std::move(refused));
                continue;
            }
            left.erase(left.begin() + at);
            --leased_;
        }
    } catch (const std::exception& error) {
        broken = error.what();
    }
    say_what_is_wanted();
    if (left.empty()) co_return;
    auto rest = take_out(load, left);
    if (broken) co_return put_back(std::move(rest.parcel), {Error::Kind::internal, *broken});
    settle(std::move(rest), std::move(outcomes), where_here());
}

Circumstances Dispatcher::where_here() const { return {.host = settings_.hostname, .policy = "here"}; }

// Nothing: it is kept and settled, in one commit, so that neither a mailbox nor whoever an alias leads on to
// gets it twice. Else why it is not.
net::Task<std::optional<Dispatcher::Outcome>> Dispatcher::place(const Load& load, smtp::SharedMessage whole,
                                                                const queue::Recipient& recipient) {
    using smtp_client::Stage;
    const auto& world = parts_.world;
    const auto now = world.clock.now();
    const auto outgoing = outgoing_of(load, now);
    if (!outgoing) co_return smtp_client::refused(Stage::offer, "4.3.0", outgoing.error().message);
    const auto deliver = delivery_of(std::move(whole), *outgoing, recipient, settings_.hostname);
    const auto key = fmt::format("{}.{}", to_string(load.entry.id), recipient.index);
    // Of junk the mailbox may have to be made first, for which a worker waits.
    auto job = [&world, &deliver, &key, &load, policy = settings_.policy] {
        return flow::plan_delivery(world, policy, deliver, {.key = key, .is_junk = load.entry.is_junk});
    };
    const bool is_soon = !load.entry.is_junk && flow::is_soon_prepared(deliver);
    auto planned =
        is_soon ? co_await flow::at_once(world.workers, job) : co_await net::on_worker(world.workers, job);
    // Where everybody is busy the loop had better wait than put mail off.
    if (!planned && planned.error().kind == Error::Kind::unavailable) planned = job();
    if (!planned) co_return smtp_client::refused(Stage::offer, "4.3.0", planned.error().message);
    auto& plan = *planned;
    if (plan.legs.empty()) co_return smtp_client::refused(Stage::offer, "4.3.0", "no such recipient");
    if (const auto& refusal = plan.legs.front().refusal) co_return outcome_of(smtp::Reply(*refusal));
    // Accepted, not delivered: who wants to hear of success is told by deliver().
    Outcome accepted{.fate = smtp_client::Fate::accepted, .stage = Stage::message, .status = "2.0.0"};
    accepted.reason = fmt::format("Ok, kept as {}", plan.id);
    const auto verdict = judge(settings_, load.entry, recipient, load.parcel.token, accepted, where_here(),
                               now, parts_.random);
    plan.parts.push_back(world.queue.settle({verdict.outcome}));
    const auto replies = co_await flow::deliver(world, world.log, deliver, std::move(plan));
    if (!replies.front().is_success()) co_return outcome_of(replies.front());
    log_outcome(load.entry, recipient, verdict.outcome);
    co_return std::nullopt;
}

}  // namespace hongyan::outbound
