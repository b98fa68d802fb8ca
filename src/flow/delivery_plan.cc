#include "flow/delivery_plan.h"

#include <algorithm>
#include <expected>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "flow/junk.h"
#include "flow/kept_forms.h"
#include "flow/replies.h"
#include "flow/returned.h"
#include "flow/success.h"
#include "flow/waiting.h"
#include "forward/loop.h"
#include "smtp/trace.h"

namespace hongyan::flow {

namespace {

// Gathers the parts of one commit: a delivery for each account, an entry of the queue for what is elsewhere.
class Planner {
public:
    Planner(const World& world, const Policy& policy, const smtp::Deliver& message, Handling handling)
        : world_(world),
          policy_(policy),
          message_(message),
          handling_(std::move(handling)),
          forms_(world, policy, message, handling_) {
        plan_.id = to_string(forms_.id());
        plan_.message_id = forms_.message_id();
        if (handling_.key.empty()) handling_.key = plan_.id;
    }

    DeliveryPlan make() {
        plan_message();
        plan_.notice_begins = plan_.parts.size();
        if (!successes_.empty()) plan_notice();
        std::ranges::move(parts_for_returned(world_, policy_, message_), std::back_inserter(plan_.parts));
        tell_history();
        return std::move(plan_);
    }

private:
    void plan_message() {
        for (const auto& recipient : message_.envelope.recipients) plan_.legs.push_back(leg_to(recipient));
        leave_out_doubles();
        for (const auto& [way, waiting] : waiting_) queue_what_waits(way.first, waiting);
    }

    void leave_out_doubles() {
        const auto own = waiting_.find({smtp::to_string(message_.envelope.sender), ""});
        if (own == waiting_.end()) return;
        for (auto& [way, waiting] : waiting_)
            if (waiting.passed_on_by.address) move_doubles(waiting, own->second);
    }

    // Whom a filter has added in vain is nobody's reason to refuse the message. What passes is: then it is
    // tried again.
    DeliveryPlan::Leg leg_to(const smtp::Recipient& recipient) {
        auto leg = way_to(recipient);
        if (!is_added(recipient) || !leg.refusal || leg.refusal->code / 100 != 5) return leg;
        world_.log.for_message(plan_.id).warning(
            "nothing for whom a filter added",
            {{"to", smtp::to_string(recipient.path)}, {"why", std::string(leg.refusal->text)}});
        return {};
    }

    bool is_added(const smtp::Recipient& recipient) const {
        return handling_.added.contains(smtp::to_string(recipient.path));
    }

    DeliveryPlan::Leg way_to(const smtp::Recipient& recipient) {
        DeliveryPlan::Leg leg;
        const auto destination = destination_of(recipient);
        if (!destination) {
            leg.refusal = destination.error();
            return leg;
        }
        if (forms_.release() != Instant{} || forms_.is_quarantined(recipient)) return held_leg(recipient);
        if (destination->is_forwarded && recipient.path.address &&
            forward::has_been_at(*message_.message, *recipient.path.address)) {
            leg.refusal = replies::has_been_here;
            return leg;
        }
        if (!place_here(*destination, recipient, leg)) return leg;
        if (auto success = success_of(message_.envelope.sender, recipient, *destination))
            successes_.push_back(*std::move(success));
        send_onward(*destination, recipient);
        return leg;
    }

    std::expected<Destination, smtp::StandardReply> destination_of(const smtp::Recipient& recipient) const {
        const smtp::Client filter{.protocol = smtp::Protocol::local};  // one of ours, which may send anywhere
        return find_destination(world_, policy_, is_added(recipient) ? filter : message_.client,
                                recipient.path,
                                message_.envelope.sender.is_null() ? Bounce::yes : Bounce::no);
    }

    // False where the leg says why not.
    bool place_here(const Destination& destination, const smtp::Recipient& recipient,
                    DeliveryPlan::Leg& leg) {
        const auto without_room = members_without_room(world_, destination, message_.message->size());
        if (const auto found = find_mailboxes(destination); !found) {
            leg.refusal = replies::reply_to(found.error());
            return false;
        }
        for (const auto& local : destination.local)
            if (!without_room.contains(local.account)) leg.parts.push_back(part_for(local, recipient.path));
        queue_for_room(without_room, recipient);
        return true;
    }

    void send_onward(const Destination& destination, const smtp::Recipient& recipient) {
        if (destination.remote.empty()) return;
        auto sender = smtp::to_string(
            sender_onward(world_, policy_, destination, message_.envelope.sender, recipient.path));
        auto& waiting =
            waiting_[{std::move(sender), destination.is_forwarded ? smtp::to_string(recipient.path) : ""}];
        if (destination.is_forwarded) waiting.passed_on_by = recipient.path;
        auto onward = recipient;
        if (destination.is_list()) onward.notify.success = false;  // RFC 3461 §5.2.7.3 (c)
        for (const auto& address : destination.remote)
            waiting.legs.push_back({plan_.legs.size(), place_among(waiting, address, onward)});
    }

    // Into which mailboxes junk goes.
    Result<void> find_mailboxes(const Destination& destination) {
        for (const auto& local : destination.local) {
            if (!handling_.is_junk_for(local.account)) continue;
            TRY(const auto mailbox, junk_mailbox(world_.store, local.account));
            mailbox_of_account_[local.account] = mailbox;
        }
        return {};
    }

    // They wait in the queue, which delivers here too, and in the same commit: so the sender hears of them as
    // of anybody whose server puts mail off.
    void queue_for_room(const std::map<store::AccountId, std::string>& members,
                        const smtp::Recipient& recipient) {
        if (members.empty()) return;
        auto onward = recipient;
        onward.notify.success = false;  // RFC 3461 §5.2.7.3 (c)
        auto& waiting = waiting_[{smtp::to_string(message_.envelope.sender), ""}];
        for (const auto& [account, name] : members)
            waiting.legs.push_back({plan_.legs.size(), place_among(waiting, name, onward)});
    }

    // In the same commit.
    void plan_notice() {
        auto notice = success_notice(world_, policy_, message_, successes_,
                                     {.queue_id = plan_.id, .arrival = forms_.now()});
        Planner planner(world_, policy_, notice, {});
        planner.plan_message();
        add_notice(std::move(planner.plan_));
    }

    void add_notice(DeliveryPlan notice) {
        if (notice.legs.front().refusal) {
            world_.log.for_message(plan_.id).warning(
                "nobody told", {{"sender", smtp::to_string(message_.envelope.sender)},
                                {"why", std::string(notice.legs.front().refusal->text)}});
            return;
        }
        for (auto& placing : notice.placings) {
            placing.part += plan_.parts.size();
            plan_.placings.push_back(std::move(placing));
        }
        for (auto& handing : notice.handings) {
            handing.part += plan_.parts.size();
            plan_.handings.push_back(std::move(handing));
        }
        std::ranges::move(notice.parts, std::back_inserter(plan_.parts));
        plan_.queues |= notice.queues;
    }

    // What is held goes nowhere yet: who is meant by an address of ours is looked up when it is released.
    DeliveryPlan::Leg held_leg(const smtp::Recipient& recipient) {
        DeliveryPlan::Leg leg;
        if (!recipient.path.address) {
            leg.refusal = replies::held_needs_domain;
            return leg;
        }
        auto& waiting = waiting_[{smtp::to_string(message_.envelope.sender), ""}];
        waiting.legs.push_back(
            {plan_.legs.size(), place_among(waiting, smtp::to_string(recipient.path), recipient)});
        return leg;
    }

    // Once for each account, however many recipients lead to it.
    std::size_t part_for(const directory::LocalRecipient& local, const smtp::Path& recipient) {
        const auto [known, is_new] = part_of_account_.try_emplace(local.account, plan_.parts.size());
        if (!is_new) return known->second;
        auto delivery = forms_.delivery_to(local.account, recipient);
        if (const auto other = mailbox_of_account_.find(local.account); other != mailbox_of_account_.end())
            delivery.mailbox = other->second;
        auto placed = std::make_shared<store::Placed>();
        plan_.parts.push_back(world_.store.part_of(std::move(delivery), placed));
        auto record = forms_.record_of_placing(plan_.placings.size(), local.account, recipient);
        plan_.placings.push_back({local.account, std::move(placed), std::move(record), known->second});
        return known->second;
    }

    // What was judged stands with the first placing, or by itself where all waits in the queue.
    void tell_history() {
        if (!world_.queue.keeps_history() || (plan_.placings.empty() && handling_.judged.empty())) return;
        std::vector<queue::Record> records;
        for (const auto& placing : plan_.placings) records.push_back(placing.record);
        if (records.empty()) records.push_back(forms_.record_of_arrival());
        std::ranges::move(world_.queue.telling(records), std::back_inserter(plan_.parts));
        plan_.tells = true;
    }

    std::size_t place_among(Waiting& all, const std::string& address,
                            const smtp::Recipient& recipient) const {
        const auto [known, is_new] = all.place_of.try_emplace(address, all.recipients.size());
        if (is_new) all.recipients.push_back(forms_.waiting(address, recipient));
        return known->second;
    }

    // What an alias passes on may have another sender than the rest, and says where it has been
    // (forward/loop.h), so it is an entry of its own. A list that is longer than an entry may be is several:
    // each fits into a transaction, and all become durable together.
    void queue_what_waits(const std::string& sender, const Waiting& waiting) {
        const auto first_part = plan_.parts.size();
        for (std::span rest(waiting.recipients); !rest.empty();) {
            const auto some = rest.first(std::min(rest.size(), queue::most_recipients));
            rest = rest.subspan(some.size());
            auto entry = forms_.entry_from(sender);
            if (waiting.passed_on_by.address)
                entry.prefix.insert(0, forms_.seal(*waiting.passed_on_by.address) +
                                           smtp::delivered_to_field(waiting.passed_on_by));
            entry.recipients.assign(some.begin(), some.end());
            enter(std::move(entry));
        }
        for (const auto& [leg, place] : waiting.legs)
            plan_.legs[leg].parts.push_back(first_part + place / queue::most_recipients);
    }

    void enter(queue::Entry entry) {
        auto entered = forms_.enter(std::move(entry));
        if (entered.fresh)
            plan_.handings.push_back({plan_.parts.size(), *std::move(entered.fresh)});
        else
            plan_.queues = true;
        plan_.parts.push_back(std::move(entered.part));
    }

    const World& world_;
    const Policy& policy_;
    const smtp::Deliver& message_;
    Handling handling_;
    KeptForms forms_;
    DeliveryPlan plan_;
    std::map<store::AccountId, store::MailboxId> mailbox_of_account_;  // where it is not INBOX
    std::map<store::AccountId, std::size_t> part_of_account_;
    // By the reverse-path, and the address of ours that passes it on.
    std::map<std::pair<std::string, std::string>, Waiting> waiting_;
    std::vector<dsn::Outcome> successes_;  // of which the sender wants to hear
};

}  // namespace

bool DeliveryPlan::leads_nowhere() const {
    return std::ranges::all_of(legs, [](const Leg& leg) { return leg.parts.empty() && !leg.refusal; });
}

bool Handling::is_junk_for(std::optional<store::AccountId> account) const {
    const auto* placement = spam::find_placement(placements, account);
    return is_junk || (placement != nullptr && placement->is_junk) || (account && !held_because.empty());
}

std::string Handling::fields_for(std::optional<store::AccountId> account) const {
    const auto* placement = spam::find_placement(placements, account);
    return placement != nullptr ? placement->fields + fields : fields;
}

DeliveryPlan plan_delivery(const World& world, const Policy& policy, const smtp::Deliver& message,
                           Handling handling) {
    return Planner(world, policy, message, std::move(handling)).make();
}

bool is_soon_prepared(std::size_t bytes, std::size_t recipients) {
    constexpr std::size_t few_bytes = std::size_t{128} << 10U;  // some 0.5 ms
    constexpr std::size_t few_recipients = 20;                  // each is looked up and has its part made
    return bytes <= few_bytes && recipients <= few_recipients;
}

bool is_soon_prepared(const smtp::Deliver& message) {
    return is_soon_prepared(message.message->size(), message.envelope.recipients.size());
}

}  // namespace hongyan::flow
