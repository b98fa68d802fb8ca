#include "flow/delivery.h"

#include <algorithm>
#include <map>
#include <span>
#include <unordered_map>

#include "base/ascii.h"
#include "dsn/notify.h"
#include "flow/commit.h"
#include "flow/junk.h"
#include "flow/kept_content.h"
#include "flow/notice.h"
#include "flow/replies.h"
#include "flow/returned.h"
#include "flow/signing.h"
#include "flow/submission.h"
#include "forward/loop.h"
#include "message/field.h"
#include "smtp/trace.h"
#include "smtp/wire/parameters.h"

namespace hongyan::flow {

namespace {

// The queue's words for the parameters of MAIL and RCPT.
std::string body_of(const smtp::MailParameters& parameters) {
    switch (parameters.body) {
        case smtp::Body::seven_bit:
            return {};
        case smtp::Body::eight_bit:
            return "8BITMIME";
        case smtp::Body::binary:
            return "BINARYMIME";
    }
    return {};
}

std::string return_of(const smtp::MailParameters& parameters) {
    switch (parameters.wanted_return) {
        case smtp::Return::unsaid:
            return {};
        case smtp::Return::headers:
            return "HDRS";
        case smtp::Return::full:
            return "FULL";
    }
    return {};
}

// When the message may leave (RFC 4865 §4.2); {}: at once.
Instant release_of(const smtp::Envelope& envelope, Instant now) {
    const auto& parameters = envelope.parameters;
    if (parameters.hold_until) return *parameters.hold_until;
    if (!parameters.hold_for) return {};
    return (envelope.begun == Instant{} ? now : envelope.begun) + *parameters.hold_for;
}

// RFC 2852 §4: the time counts from MAIL.
queue::DeliverBy deadline_of(const smtp::Envelope& envelope, Instant now) {
    const auto& by = envelope.parameters.deliver_by;
    if (!by) return {};
    using Mode = queue::DeliverBy::Mode;
    return {.mode = by->mode == smtp::DeliverBy::Mode::notify ? Mode::notify : Mode::send_back,
            .deadline = (envelope.begun == Instant{} ? now : envelope.begun) + by->remaining,
            .trace = by->trace};
}

// "TLS-Required: No", once (RFC 8689 §3).
bool needs_no_tls(std::string_view header) {
    bool says_no = false;
    for (const auto& field : message::Fields(header)) {
        if (!field.is("TLS-Required")) continue;
        if (says_no || !ascii::iequals(message::unfold(field.value), "No")) return false;
        says_no = true;
    }
    return says_no;
}

// What goes elsewhere under one reverse-path, each address once, and which recipients led to it.
struct Waiting {
    std::vector<queue::Recipient> recipients;
    std::unordered_map<std::string, std::size_t> place_of;  // among them
    struct Led {
        std::size_t leg, place;
    };
    std::vector<Led> legs;
    smtp::Path passed_on_by = {};  // an address of ours; none: these are the sender's own recipients
};

// The copy for his own recipient tells the sender all that the one for an alias' member would.
bool tells_as_much(const queue::Recipient& own, const queue::Recipient& member) {
    auto told = dsn::parse_notify(own.notify);
    const auto wanted = dsn::parse_notify(member.notify);
    told.success = false;
    return !wanted.success && told.said == wanted.said && told.failure == wanted.failure &&
           told.delay == wanted.delay;
}

// Whom an alias leads to and the sender names himself gets one copy, as his own recipient.
void move_doubles(Waiting& members, Waiting& own) {
    std::vector<std::optional<std::size_t>> own_place(members.recipients.size());
    std::vector<std::size_t> place(members.recipients.size());
    std::vector<queue::Recipient> left;
    for (std::size_t i = 0; i < members.recipients.size(); ++i) {
        auto& member = members.recipients[i];
        const auto found = own.place_of.find(member.address);
        if (found != own.place_of.end() && tells_as_much(own.recipients[found->second], member)) {
            own_place[i] = found->second;
            continue;
        }
        place[i] = left.size();
        left.push_back(std::move(member));
    }
    members.recipients = std::move(left);
    for (auto led : std::exchange(members.legs, {})) {
        auto& where = own_place[led.place] ? own : members;
        led.place = own_place[led.place].value_or(place[led.place]);
        where.legs.push_back(led);
    }
}

// Gathers the parts of one commit: a delivery for each account, an entry of the queue for what is elsewhere.
class Planner {
public:
    Planner(const World& world, const Policy& policy, const smtp::Deliver& message, Handling handling)
        : world_(world),
          policy_(policy),
          message_(message),
          handling_(std::move(handling)),
          id_(world.queue.next_id()),
          now_(world.clock.now()),
          release_(release_of(message.envelope, now_)),
          content_(*message.message),
          additions_(
              missing_fields(message.client, *message.message, policy.hostname, to_string(id_), now_)) {
        plan_.id = to_string(id_);
        plan_.message_id = message_id();
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

    DeliveryPlan::Leg leg_to(const smtp::Recipient& recipient) {
        DeliveryPlan::Leg leg;
        const auto& sender = message_.envelope.sender;
        const bool is_added = handling_.added.contains(smtp::to_string(recipient.path));
        const smtp::Client filter{.protocol = smtp::Protocol::local};  // one of ours, which may send anywhere
        const auto destination =
            find_destination(world_, policy_, is_added ? filter : message_.client, recipient.path,
                             sender.is_null() ? Bounce::yes : Bounce::no);
        if (!destination) {
            // Those whom the client named get it nevertheless.
            if (is_added)
                tell_of_added(recipient, destination.error());
            else
                leg.refusal = destination.error();
            return leg;
        }
        if (release_ != Instant{}) return held_leg(recipient);
        if (is_quarantined(recipient)) return held_leg(recipient);
        if (destination->is_forwarded && recipient.path.address &&
            forward::has_been_at(*message_.message, *recipient.path.address)) {
            leg.refusal = replies::has_been_here;
            return leg;
        }
        note_success(recipient, *destination);
        const auto without_room = members_without_room(*destination);
        if (const auto found = find_mailboxes(*destination); !found) {
            leg.refusal = replies::reply_to(found.error());
            return leg;
        }
        for (const auto& local : destination->local)
            if (!without_room.contains(local.account)) leg.parts.push_back(part_for(local, recipient.path));
        queue_for_room(without_room, recipient);
        if (destination->remote.empty()) return leg;
        auto onward_from =
            smtp::to_string(sender_onward(world_, policy_, *destination, sender, recipient.path));
        auto& waiting = waiting_[{std::move(onward_from),
                                  destination->is_forwarded ? smtp::to_string(recipient.path) : ""}];
        if (destination->is_forwarded) waiting.passed_on_by = recipient.path;
        auto onward = recipient;
        if (destination->is_list()) onward.notify.success = false;  // RFC 3461 §5.2.7.3 (c)
        for (const auto& address : destination->remote)
            waiting.legs.push_back({plan_.legs.size(), place_among(waiting, address, onward)});
        return leg;
    }

    void tell_of_added(const smtp::Recipient& recipient, const smtp::StandardReply& refusal) const {
        world_.log.for_message(plan_.id).warning(
            "nothing for whom a filter added",
            {{"to", smtp::to_string(recipient.path)}, {"why", std::string(refusal.text)}});
    }

    // A name without a domain means nothing later: what is for it goes to the junk.
    bool is_quarantined(const smtp::Recipient& recipient) const {
        return !handling_.held_because.empty() && recipient.path.address.has_value();
    }

    // Into which mailboxes junk goes.
    Result<void> find_mailboxes(const Destination& destination) {
        if (!handling_.is_junk && handling_.held_because.empty()) return {};
        for (const auto& local : destination.local) {
            TRY(const auto mailbox, junk_mailbox(world_.store, local.account));
            mailbox_of_account_[local.account] = mailbox;
        }
        return {};
    }

    // One full mailbox keeps nothing from the other members of a list. Where nobody has room the sender tries
    // again.
    std::map<store::AccountId, std::string> members_without_room(const Destination& destination) const {
        std::map<store::AccountId, std::string> full;
        if (!destination.is_list()) return full;
        for (const auto& local : destination.local) {
            if (has_room(world_, local.account, message_.message->size())) continue;
            const auto account = world_.directory.account(local.account);
            if (account) full.emplace(local.account, to_string(account->name));
        }
        if (destination.remote.empty() && full.size() == destination.local.size()) full.clear();
        return full;
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

    // Of a mailbox here "delivered", of an alias with several members "expanded" (RFC 3461 §5.2.2 (b),
    // §5.2.7.3); who has one member elsewhere lets the next server tell.
    void note_success(const smtp::Recipient& recipient, const Destination& destination) {
        const auto& notify = recipient.notify;
        const dsn::Notify wish{
            .said = notify.said, .success = notify.success, .failure = notify.failure, .delay = notify.delay};
        const auto action = destination.is_list() ? dsn::Action::expanded : dsn::Action::delivered;
        const bool ends_here = destination.is_list() || !destination.local.empty();
        if (!ends_here || !dsn::is_wanted(smtp::to_string(message_.envelope.sender), wish, action)) return;
        dsn::Outcome outcome{.action = action, .address = smtp::to_string(recipient.path)};
        if (recipient.original)
            outcome.original = recipient.original->address_type + ";" + recipient.original->address;
        successes_.push_back(std::move(outcome));
    }

    // In the same commit. A sender whose mailbox is full gets it when there is room: it must not keep the
    // message from those it is for.
    void plan_notice() {
        const auto& envelope = message_.envelope;
        auto notice = make_notice(world_, policy_,
                                  {.sender = *envelope.sender.address,
                                   .envelope_id = envelope.parameters.envelope_id,
                                   .wanted_return = dsn::parse_return(return_of(envelope.parameters)),
                                   .queue_id = plan_.id,
                                   .received_from = message_.client.said_name,
                                   .arrival = now_,
                                   .deliver_by = envelope.parameters.deliver_by
                                                     ? std::optional(deadline_of(envelope, now_).deadline)
                                                     : std::nullopt,
                                   .message = *message_.message},
                                  successes_);
        const auto destination =
            find_destination(world_, policy_, notice.client, envelope.sender, Bounce::yes);
        if (destination && !check_room(world_, *destination, notice.message->size()))
            notice.envelope.parameters.hold_until = now_;
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
        auto placed = std::make_shared<store::Placed>();
        plan_.parts.push_back(world_.store.part_of(delivery_to(local.account, recipient), placed));
        plan_.placings.push_back(
            {local.account, std::move(placed), record_of(local.account, recipient), known->second});
        return known->second;
    }

    queue::Record record_of(store::AccountId account, const smtp::Path& recipient) const {
        queue::Record record;
        record.id = id_;
        record.index = static_cast<std::uint32_t>(plan_.placings.size());
        record.what = queue::Happened::placed;
        record.sender = smtp::to_string(message_.envelope.sender);
        record.recipient = smtp::to_string(recipient);
        record.account = message_.client.account;
        record.message_id = plan_.message_id;
        record.size = message_.message->size();
        record.attempt = {
            .time = now_, .host = message_.client.said_name, .address = message_.client.address};
        record.placed_with = account.value();
        if (record.index == 0) record.judged = handling_.judged;
        return record;
    }

    // What was judged stands with the first placing, or by itself where all waits in the queue.
    void tell_history() {
        if (!world_.queue.keeps_history() || (plan_.placings.empty() && handling_.judged.empty())) return;
        std::vector<queue::Record> records;
        for (const auto& placing : plan_.placings) records.push_back(placing.record);
        if (records.empty()) records.push_back(record_of_arrival());
        plan_.parts.push_back(world_.queue.telling(std::move(records)));
        plan_.tells = true;
    }

    queue::Record record_of_arrival() const {
        queue::Record record;
        record.id = id_;
        record.number = queue::without_attempt;
        record.what = queue::Happened::accepted;
        record.sender = smtp::to_string(message_.envelope.sender);
        record.account = message_.client.account;
        record.message_id = plan_.message_id;
        record.size = message_.message->size();
        record.judged = handling_.judged;
        record.attempt = {
            .time = now_, .host = message_.client.said_name, .address = message_.client.address};
        return record;
    }

    store::Delivery delivery_to(store::AccountId account, const smtp::Path& recipient) {
        store::Delivery delivery;
        delivery.account = account;
        if (const auto known = mailbox_of_account_.find(account); known != mailbox_of_account_.end())
            delivery.mailbox = known->second;
        delivery.message.content = content_.for_mailboxes();
        delivery.message.prefix = smtp::return_path_field(message_.envelope.sender) +
                                  smtp::delivered_to_field(recipient) + handling_.fields +
                                  received(recipient, plan_.id) + additions_;
        delivery.message.received = now_;
        delivery.message.key = handling_.key;
        return delivery;
    }

    // `id` is that by which the history knows what becomes of the message, so that a bounce leads back to it.
    std::string received(const smtp::Path& recipient, const std::string& id) const {
        return smtp::received_field(message_.client, policy_.hostname, id, recipient,
                                    message_.envelope.parameters, now_);
    }

    std::size_t place_among(Waiting& all, const std::string& address,
                            const smtp::Recipient& recipient) const {
        const auto [known, is_new] = all.place_of.try_emplace(address, all.recipients.size());
        if (!is_new) return known->second;
        queue::Recipient waiting;
        waiting.address = address;
        waiting.notify = smtp::value_of(recipient.notify);
        if (recipient.original)
            waiting.original = recipient.original->address_type + ";" + recipient.original->address;
        waiting.next_attempt = now_;
        if (is_quarantined(recipient)) {
            waiting.state = queue::RecipientState::held;
            waiting.last_reply = handling_.held_because;
        }
        all.recipients.push_back(std::move(waiting));
        return known->second;
    }

    // What an alias passes on may have another sender than the rest, and says where it has been
    // (forward/loop.h), so it is an entry of its own. A list that is
    // longer than an entry may be is several: each fits into a transaction, and all become durable together.
    void queue_what_waits(const std::string& sender, const Waiting& waiting) {
        const auto first_part = plan_.parts.size();
        for (std::span rest(waiting.recipients); !rest.empty();) {
            const auto some = rest.first(std::min(rest.size(), queue::most_recipients));
            rest = rest.subspan(some.size());
            auto entry = entry_from(sender);
            if (waiting.passed_on_by.address)
                entry.prefix.insert(
                    0, seal(*waiting.passed_on_by.address) + smtp::delivered_to_field(waiting.passed_on_by));
            entry.recipients.assign(some.begin(), some.end());
            plan_.parts.push_back(enter(std::move(entry)));
        }
        for (const auto& [leg, place] : waiting.legs)
            plan_.legs[leg].parts.push_back(first_part + place / queue::most_recipients);
    }

    // Of what our own people send, made once however many entries it is (RFC 6376 §5).
    const std::string& signatures() {
        if (!signatures_)
            signatures_ = may_sign() ? signatures_of(world_, additions_, *message_.message) : std::string();
        return *signatures_;
    }

    // Where accounts send under their own names only, they sign under no other either.
    bool may_sign() const {
        const auto& account = message_.client.account;
        if (!may_relay(policy_, message_.client)) return false;
        if (account.empty() || !policy_.sender_must_be_own) return true;
        const auto authors = message::mailboxes_in(message::unfolded(*message_.message, "From"));
        return std::ranges::all_of(authors, [&](const message::Mailbox& author) {
            return is_address_of(world_, smtp::Path{.address = author.address}, account).value_or(false);
        });
    }
    // Of what others have sent, and a name of ours passes on (RFC 8617 §5.1).
    std::string seal(const message::Address& passed_on_by) const {
        if (!handling_.authenticated) return {};
        return seal_of(world_, policy_.hostname, passed_on_by, *message_.message, *handling_.authenticated);
    }

    queue::Entry entry_from(const std::string& sender) {
        const auto& parameters = message_.envelope.parameters;
        const auto& recipients = message_.envelope.recipients;
        queue::Entry entry;
        entry.id = std::exchange(is_first_entry_, false) ? id_ : world_.queue.next_id();
        entry.sender = sender;
        if (auto origin = smtp::to_string(message_.envelope.sender); origin != sender)
            entry.passed_on_for = std::move(origin);
        entry.account = message_.client.account;
        entry.body = body_of(parameters);
        entry.smtputf8 = parameters.smtputf8;
        entry.wanted_return = return_of(parameters);
        entry.envelope_id = parameters.envelope_id;
        entry.message_id = plan_.message_id;
        entry.priority = parameters.priority.value_or(0);
        entry.hold_until = release_;
        entry.deliver_by = deadline_of(message_.envelope, now_);
        entry.requiretls = parameters.requiretls;
        // RFC 8689 §4.1: the parameter goes before the header field.
        entry.tls_optional = !parameters.requiretls && needs_no_tls(*message_.message);
        entry.is_junk = handling_.is_junk;
        // With several recipients none is named: each would see the others (RFC 5321 §7.6).
        entry.prefix =
            handling_.fields +
            received(recipients.size() == 1 ? recipients.front().path : smtp::Path{}, to_string(entry.id)) +
            signatures() + additions_;
        entry.arrival = now_;
        return entry;
    }

    // With a lease for somebody who stands ready to send it.
    engine::Part enter(queue::Entry entry) {
        const bool goes_at_once = world_.handover && world_.handover->is_wanted(entry);
        const auto& blob =
            content_.for_queue(goes_at_once ? engine::Packing::leave : engine::Packing::compress);
        entry.blob = blob->id;
        entry.blob_size = blob->size;
        if (!goes_at_once) {
            plan_.queues = true;
            return world_.queue.part_of(std::move(entry), blob);
        }
        Fresh fresh{
            .taken = {}, .entry = entry, .content = message_.message, .orders = world_.queue.orders()};
        for (std::uint32_t i = 0; i < fresh.entry.recipients.size(); ++i) fresh.entry.recipients[i].index = i;
        auto accepted = world_.queue.accept(std::move(entry), blob, queue::longest_lease);
        fresh.taken = std::move(accepted.taken);
        if (fresh.taken.dues.empty())
            plan_.queues = true;
        else
            plan_.handings.push_back({plan_.parts.size(), std::move(fresh)});
        return std::move(accepted.part);
    }

    // By which the message is found in the queue's history: its own, or that which we give it.
    std::string message_id() const {
        constexpr std::size_t longest = 2'000;  // bytes; no line is longer (RFC 5322 §2.1.1)
        auto own = message::unfolded(*message_.message, "Message-ID");
        if (own.size() > longest) own.resize(longest);
        if (!own.empty()) return own;
        constexpr std::string_view field = "Message-ID: ";
        const auto at = additions_.find(field);
        if (at == additions_.npos) return {};
        const auto start = at + field.size();
        return additions_.substr(start, additions_.find('\r', start) - start);
    }

    const World& world_;
    const Policy& policy_;
    const smtp::Deliver& message_;
    Handling handling_;
    queue::EntryId id_;
    Instant now_;
    Instant release_;  // until then everybody waits; {}: nobody
    KeptContent content_;
    std::string additions_;
    DeliveryPlan plan_;
    std::map<store::AccountId, store::MailboxId> mailbox_of_account_;  // where it is not INBOX
    std::map<store::AccountId, std::size_t> part_of_account_;
    // By the reverse-path, and the address of ours that passes it on.
    std::map<std::pair<std::string, std::string>, Waiting> waiting_;
    bool is_first_entry_ = true;
    std::optional<std::string> signatures_ = {};
    std::vector<dsn::Outcome> successes_;  // of which the sender wants to hear
};

// What a recipient's parts came to: the first that failed decides.
smtp::Reply reply_for(const DeliveryPlan& plan, const DeliveryPlan::Leg& leg,
                      const std::vector<Result<void>>& outcomes) {
    if (leg.refusal) return *leg.refusal;
    for (const auto part : leg.parts)
        if (!outcomes[part]) return replies::reply_to(outcomes[part].error());
    return {250, "2.0.0", fmt::format("Ok, kept as {}", plan.id)};
}

// The message as a whole: what is refused for one is refused for all.
smtp::Reply reply_for_all(const DeliveryPlan& plan, const std::vector<Result<void>>& outcomes) {
    for (const auto& leg : plan.legs)
        if (auto reply = reply_for(plan, leg, outcomes); !reply.is_success()) return reply;
    return reply_for(plan, plan.legs.front(), outcomes);
}

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
                                  {"why", why}});
    }

private:
    log::Log log_;
    std::string from_, size_, account_, wishes_;
};

std::string trouble_of(const DeliveryPlan::Leg& leg, const std::vector<Result<void>>& outcomes) {
    for (const auto part : leg.parts)
        if (part < outcomes.size() && !outcomes[part]) return outcomes[part].error().message;
    return {};
}

// There is a reply for each recipient, or one for all.
void log_outcome(const log::Log& session_log, const smtp::Deliver& message, const DeliveryPlan& plan,
                 const std::vector<Result<void>>& outcomes, const smtp::Replies& replies) {
    const Journal journal(session_log, message, plan.id);
    for (std::size_t i = 0; i < plan.legs.size(); ++i) {
        const auto& recipient = message.envelope.recipients[i];
        const auto& leg = plan.legs[i];
        const auto& reply = replies[std::min(i, replies.size() - 1)];
        const auto in_mailbox = [&plan](std::size_t part) {
            return std::ranges::find(plan.placings, part, &DeliveryPlan::Placing::part) !=
                   plan.placings.end();
        };
        if (!reply.is_success()) {
            journal.not_kept(recipient, reply, trouble_of(leg, outcomes));
            continue;
        }
        if (std::ranges::any_of(leg.parts, in_mailbox)) journal.kept("delivered", recipient);
        if (!std::ranges::all_of(leg.parts, in_mailbox)) journal.kept("queued", recipient);
    }
}

}  // namespace

void announce(const World& world, const DeliveryPlan& plan, std::span<const Result<void>> outcomes) {
    for (const auto& placing : plan.placings)
        if (outcomes[placing.part] && !placing.placed->seen_before)
            world.store.announce(placing.account, placing.placed->modseq);
    for (const auto& handing : plan.handings)
        if (outcomes[handing.part]) world.handover->give(handing.fresh);
    if (plan.queues) world.queue.announce();
}

DeliveryPlan plan_delivery(const World& world, const Policy& policy, const smtp::Deliver& message,
                           Handling handling) {
    return Planner(world, policy, message, std::move(handling)).make();
}

bool is_soon_prepared(const smtp::Deliver& message) {
    constexpr std::size_t few_bytes = std::size_t{128} << 10U;  // some 0.5 ms
    constexpr std::size_t few_recipients = 20;                  // each is looked up and has its part made
    return message.message->size() <= few_bytes && message.envelope.recipients.size() <= few_recipients;
}

namespace {

// What of a message was refused after all of it had come.
void tell_of_refusals(const World& world, const smtp::Deliver& message, const DeliveryPlan& plan,
                      const smtp::Replies& replies) {
    if (!world.refusals) return;
    for (std::size_t i = 0; i < plan.legs.size(); ++i) {
        const auto& reply = replies[std::min(i, replies.size() - 1)];
        if (reply.is_success()) continue;
        queue::Record record;
        record.sender = smtp::to_string(message.envelope.sender);
        record.recipient = smtp::to_string(message.envelope.recipients[i].path);
        record.account = message.client.account;
        record.message_id = plan.message_id;
        record.size = message.message->size();
        record.attempt = {.host = message.client.said_name,
                          .address = message.client.address,
                          .status = reply.status,
                          .reply = smtp::to_text(reply)};
        world.refusals->tell(std::move(record));
    }
}

// LMTP, where not all went well (RFC 2033 §4.2). What did is told afterwards, since only now it is known.
net::Task<std::vector<Result<void>>> commit_each(const World& world, DeliveryPlan& plan,
                                                 std::vector<engine::Part> parts) {
    // The notification would tell of those, too, with whom it did not go well.
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(plan.notice_begins), parts.end());
    const auto is_left_out = [&parts](const auto& step) { return step.part >= parts.size(); };
    std::erase_if(plan.placings, is_left_out);
    std::erase_if(plan.handings, is_left_out);
    auto outcomes = co_await commit(world.store.engine(), std::move(parts), engine::Together::each_by_itself);
    std::vector<queue::Record> records;
    for (const auto& placing : plan.placings)
        if (outcomes[placing.part]) records.push_back(placing.record);
    if (!records.empty() && plan.tells) {
        std::vector<engine::Part> telling{world.queue.telling(std::move(records))};
        co_await commit(world.store.engine(), std::move(telling), engine::Together::each_by_itself);
    }
    co_return outcomes;
}

// Together, which is the rule; in LMTP each by itself, if one fails.
net::Task<std::vector<Result<void>>> commit_plan(const World& world, DeliveryPlan& plan, bool lmtp) {
    auto parts = std::exchange(plan.parts, {});
    std::vector<engine::Part> again;
    if (lmtp && plan.legs.size() > 1) again = parts;
    auto outcomes = co_await commit(world.store.engine(), std::move(parts), engine::Together::all_or_none);
    const bool all_well =
        std::ranges::all_of(outcomes, [](const auto& outcome) { return outcome.has_value(); });
    if (all_well || again.empty()) co_return outcomes;
    co_return co_await commit_each(world, plan, std::move(again));
}

// Trying again would not help.
bool is_circular(const DeliveryPlan& plan) {
    return std::ranges::any_of(plan.legs, [](const DeliveryPlan::Leg& leg) {
        return leg.refusal && leg.refusal->status == replies::has_been_here.status;
    });
}

}  // namespace

net::Task<smtp::Replies> deliver(const World& world, const log::Log& session_log,
                                 const smtp::Deliver& message, DeliveryPlan plan, Recipients recipients) {
    const bool lmtp =
        message.client.protocol == smtp::Protocol::lmtp && recipients == Recipients::as_protocol_says;
    // An account may have changed since RCPT. LMTP can say so for that one; SMTP has one reply, so all is
    // tried again.
    const bool changed =
        std::ranges::any_of(plan.legs, [](const auto& leg) { return leg.refusal.has_value(); });
    if (changed && !lmtp) {
        smtp::Replies refusal{is_circular(plan) ? replies::has_been_here : replies::changed_meanwhile};
        log_outcome(session_log, message, plan, {}, refusal);
        tell_of_refusals(world, message, plan, refusal);
        co_return refusal;
    }

    const auto outcomes = co_await commit_plan(world, plan, lmtp);
    announce(world, plan, outcomes);
    smtp::Replies replies;
    if (lmtp)
        for (const auto& leg : plan.legs) replies.push_back(reply_for(plan, leg, outcomes));
    else
        replies.push_back(reply_for_all(plan, outcomes));
    log_outcome(session_log, message, plan, outcomes, replies);
    tell_of_refusals(world, message, plan, replies);
    co_return replies;
}

}  // namespace hongyan::flow
