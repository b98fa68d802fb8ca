#include "flow/dropped.h"

#include <algorithm>

#include "base/ascii.h"
#include "drop/taken.h"
#include "dsn/notify.h"
#include "flow/notice.h"
#include "flow/outcome.h"
#include "flow/recipients.h"
#include "flow/replies.h"
#include "message/line_ends.h"
#include "smtp/trace.h"

namespace hongyan::flow {

namespace {

using message::Address;

smtp::Notify to_smtp(const dsn::Notify& notify) {
    return {.said = notify.said, .success = notify.success, .failure = notify.failure, .delay = notify.delay};
}

smtp::Return to_smtp(dsn::Return wanted) {
    switch (wanted) {
        case dsn::Return::unsaid:
            return smtp::Return::unsaid;
        case dsn::Return::headers:
            return smtp::Return::headers;
        case dsn::Return::full:
            break;
    }
    return smtp::Return::full;
}

std::unexpected<Error> not_yet(std::string_view why) { return fail(Error::Kind::unavailable, "{}", why); }

// One letter on its way into the store.
class Taker {
public:
    Taker(const World& world, const Policy& policy, const drop::Found& found)
        : world_(world), policy_(policy), letter_(found.letter), found_(found) {
        auto& [client, envelope, message] = now_.mail;
        client = {.said_name = fmt::format("localhost (uid {})", found.user),
                  .protocol = smtp::Protocol::local};
        message = std::make_shared<const std::string>(letter_.message);
        if (auto sender = message::parse_address(letter_.sender))
            envelope.sender.address = *std::move(sender);
        auto& parameters = envelope.parameters;
        parameters.wanted_return = to_smtp(dsn::parse_return(letter_.wanted_return));
        parameters.envelope_id = letter_.envelope_id;
        parameters.body = ascii::all_ascii(letter_.message) ? smtp::Body::seven_bit : smtp::Body::eight_bit;
        parameters.smtputf8 = smtp::is_international(envelope.sender);
        later_ = now_;
        later_.mail.envelope.parameters.hold_until = world.clock.now();
    }

    Result<Taken> take(const std::string& name) {
        for (const auto& recipient : letter_.recipients) TRY(sort(recipient));
        TRY(give_up_the_full());
        std::vector<DeliveryPlan> plans;
        TRY(plan_for(now_, plans));
        now_.plans = plans.size();
        TRY(plan_for(later_, plans));
        later_.plans = plans.size() - now_.plans;
        if (!failures_.empty()) {
            TRY(auto notice, plan_notice());
            plans.push_back(std::move(notice));
        }
        return keep(name, std::move(plans));
    }

private:
    // The letter for some of its recipients.
    struct Share {
        smtp::Deliver mail;
        std::vector<std::string> as_written;  // its recipients, as the letter names them
        std::size_t plans = 0;                // one, or none
    };
    struct Full {
        std::string recipient;
        smtp::StandardReply reply;
    };

    // Into those we can keep it for and those the sender must hear of; an error if that cannot be said at
    // present.
    Result<void> sort(const std::string& recipient) {
        auto path = path_of(recipient);
        if (!path) return fail_for(recipient, replies::bad_domain);
        const auto destination = find_destination(world_, policy_, now_.mail.client, *path,
                                                  letter_.sender.empty() ? Bounce::yes : Bounce::no);
        if (!destination) return fail_for(recipient, destination.error());
        const auto room = check_room(world_, *destination, letter_.message.size());
        // Who is full keeps nobody else waiting. What waits in the queue has an address.
        const bool is_full = !room && room.error().status == replies::over_quota.status && path->address;
        if (!room && !is_full) return fail_for(recipient, room.error());
        if (is_full && !may_wait_in_queue()) {
            full_.push_back({recipient, room.error()});
            return {};
        }
        auto& share = room ? now_ : later_;
        auto& envelope = share.mail.envelope;
        envelope.parameters.smtputf8 |= smtp::is_international(*path);
        envelope.recipients.push_back({.path = *std::move(path), .notify = to_smtp(notify())});
        share.as_written.push_back(recipient);
        return {};
    }

    // Where somebody works on it, and somebody hears of it who wrote it if it takes too long.
    bool may_wait_in_queue() const { return policy_.queue_is_worked && sender_is_told(); }
    bool sender_is_told() const {
        return now_.mail.envelope.sender.address &&
               dsn::is_wanted(letter_.sender, notify(), dsn::Action::failed);
    }

    // For those who are full and nobody else the letter waits where it is; for others it does not.
    Result<void> give_up_the_full() {
        const bool has_others = !now_.as_written.empty();
        for (const auto& [recipient, reply] : full_) {
            if (has_others)
                note_failure(recipient, reply);
            else
                TRY(fail_for(recipient, reply));
        }
        return {};
    }

    // For those that it can be planned for; an error as above.
    Result<void> plan_for(Share& share, std::vector<DeliveryPlan>& plans) {
        while (!share.mail.envelope.recipients.empty()) {
            auto plan = plan_delivery(world_, policy_, share.mail);
            if (std::ranges::none_of(plan.legs, [](const auto& leg) { return leg.refusal.has_value(); })) {
                plans.push_back(std::move(plan));
                return {};
            }
            TRY(leave_out_refused(plan, share));
        }
        return {};
    }

    // A message may go in circles for one, and an account may have changed since it was sorted.
    Result<void> leave_out_refused(const DeliveryPlan& plan, Share& share) {
        auto& recipients = share.mail.envelope.recipients;
        for (auto i = plan.legs.size(); i-- > 0;) {
            if (!plan.legs[i].refusal) continue;
            TRY(fail_for(share.as_written[i], *plan.legs[i].refusal));
            recipients.erase(recipients.begin() + static_cast<std::ptrdiff_t>(i));
            share.as_written.erase(share.as_written.begin() + static_cast<std::ptrdiff_t>(i));
        }
        return {};
    }

    dsn::Notify notify() const { return dsn::parse_notify(letter_.notify); }

    // Users of this machine that are nobody's address are the postmaster's business.
    Result<smtp::Path> path_of(const std::string& recipient) const {
        TRY(auto address, message::parse_address(recipient));
        if (ascii::iequals(address.domain.text(), policy_.hostname)) {
            TRY(const auto found, world_.directory.resolve(address));
            if (found.outcome == directory::Resolution::Outcome::not_ours)
                return smtp::Path{.address = {}, .is_postmaster = true};
        }
        return smtp::Path{.address = std::move(address)};
    }

    Result<void> fail_for(const std::string& recipient, const smtp::StandardReply& reply) {
        const bool is_lasting = reply.code / 100 == 5 || world_.clock.now() - found_.left > dropped_patience;
        if (!is_lasting) return not_yet(fmt::format("{}: {}", recipient, reply.text));
        note_failure(recipient, reply);
        return {};
    }

    void note_failure(const std::string& recipient, const smtp::StandardReply& reply) {
        failures_.push_back({.action = dsn::Action::failed,
                             .status = dsn::parse_status(reply.status),
                             .address = recipient,
                             .explanation = std::string(reply.text)});
    }

    // Of failures the sender is told, or the postmaster for a sender who is not to be or cannot be told.
    Result<DeliveryPlan> plan_notice() const {
        if (sender_is_told()) {
            auto notice = notice_to(*now_.mail.envelope.sender.address);
            const bool waits = !has_room(world_, policy_, notice);
            if (waits) notice.envelope.parameters.hold_until = world_.clock.now();
            auto plan = plan_delivery(world_, policy_, notice);
            if (!plan.legs.front().refusal && (!waits || policy_.queue_is_worked)) return plan;
        }
        auto notice = notice_to(postmaster_of(policy_));
        notice.envelope.recipients.front().path = {.address = {}, .is_postmaster = true};
        auto plan = plan_delivery(world_, policy_, notice);
        const auto& refusal = plan.legs.front().refusal;
        if (!refusal) return plan;
        const bool is_passing = refusal->code / 100 == 4;
        return fail(is_passing ? Error::Kind::unavailable : Error::Kind::invalid,
                    "nobody can be told of what went wrong");
    }

    smtp::Deliver notice_to(const Address& whom) const {
        return make_notice(world_, policy_,
                           {.sender = whom,
                            .envelope_id = letter_.envelope_id,
                            .wanted_return = dsn::parse_return(letter_.wanted_return),
                            .arrival = found_.left,
                            .message = letter_.message},
                           failures_);
    }

    Result<Taken> keep(const std::string& name, std::vector<DeliveryPlan> plans) const {
        std::vector<engine::Part> parts{drop::mark_taken(name)};
        for (auto& plan : plans) std::ranges::move(plan.parts, std::back_inserter(parts));
        const auto counts = parts.size();
        const auto outcomes = world_.store.engine().transact(std::move(parts), engine::Together::all_or_none);
        if (const auto& marked = outcomes.front(); !marked && marked.error().kind == Error::Kind::exists)
            return Taken::before;
        for (const auto& outcome : outcomes)
            if (!outcome) return not_yet(outcome.error().message);
        std::span<const Result<void>> rest = std::span(outcomes).subspan(1, counts - 1);
        for (const auto& plan : plans) {
            announce(world_, plan, rest.first(plan.parts.size()));
            rest = rest.subspan(plan.parts.size());
        }
        tell_log(plans);
        return Taken::now;
    }

    void tell_log(const std::vector<DeliveryPlan>& plans) const {
        const auto id_of = [&](std::size_t from, std::size_t count) {
            return count > 0 ? plans.at(from).id : std::string();
        };
        const auto told_from = now_.plans + later_.plans;
        world_.log.for_message(plans.front().id)
            .info("taken from the drop folder", {{"from", letter_.sender},
                                                 {"uid", fmt::format("{}", found_.user)},
                                                 {"recipients", fmt::format("{}", letter_.recipients.size())},
                                                 {"failed", fmt::format("{}", failures_.size())},
                                                 {"waits_as", id_of(now_.plans, later_.plans)},
                                                 {"told_as", id_of(told_from, plans.size() - told_from)},
                                                 {"size", fmt::format("{}", letter_.message.size())}});
    }

    const World& world_;
    const Policy& policy_;
    const drop::Letter& letter_;
    const drop::Found& found_;
    Share now_;
    Share later_;             // of those who have no room: it waits in the queue, which delivers here too
    std::vector<Full> full_;  // for whom it may not wait there
    std::vector<dsn::Outcome> failures_;
};

}  // namespace

Result<Taken> take_dropped(const World& world, const Policy& policy, const std::string& name,
                           const drop::Found& found) {
    return Taker(world, policy, found).take(name);
}

}  // namespace hongyan::flow
