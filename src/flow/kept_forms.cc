#include "flow/kept_forms.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "flow/judged.h"
#include "flow/queue_parameters.h"
#include "flow/signing.h"
#include "flow/submission.h"
#include "message/field.h"
#include "message/message_ids.h"
#include "smtp/trace.h"
#include "smtp/wire/parameters.h"

namespace hongyan::flow {

namespace {

// As DSN tells of it: "rfc822;somebody@example.org" (RFC 3461 §4.2).
std::string original_of(const smtp::Recipient& recipient) {
    if (!recipient.original) return {};
    return recipient.original->address_type + ";" + recipient.original->address;
}

// The message's own, or that which we give it.
std::string own_or_added_id(std::string_view message, std::string_view additions) {
    auto own = message::message_id_of(message);
    return own.empty() ? message::message_id_of(additions) : own;
}

// A first line that begins with a blank would go on with the last field that we put before it (RFC 5322
// §2.2.3): it is made a field of its own.
std::string_view name_of_first_line(std::string_view message) {
    return !message.empty() && ascii::is_blank(message.front()) ? "X-Hongyan-Nameless:" : "";
}

}  // namespace

KeptForms::KeptForms(const World& world, const Policy& policy, const smtp::Deliver& message,
                     const Handling& handling)
    : world_(world),
      policy_(policy),
      message_(message),
      handling_(handling),
      id_(world.queue.next_id()),
      now_(world.clock.now()),
      release_(release_of(message.envelope, now_)),
      content_(*message.message),
      additions_(missing_fields(message.client, *message.message, policy.hostname, to_string(id_), now_)
                     .append(name_of_first_line(*message.message))),
      message_id_(own_or_added_id(*message.message, additions_)) {}

store::Delivery KeptForms::delivery_to(store::AccountId account, const smtp::Path& recipient) {
    store::Delivery delivery;
    delivery.account = account;
    delivery.message.content = content_.for_mailboxes();
    delivery.message.prefix = smtp::return_path_field(message_.envelope.sender) +
                              smtp::delivered_to_field(recipient) + handling_.fields_for(account) +
                              received(recipient, to_string(id_)) + additions_;
    delivery.message.received = now_;
    delivery.message.key = handling_.key;
    return delivery;
}

queue::Record KeptForms::record() const {
    queue::Record record;
    record.id = id_;
    record.sender = smtp::to_string(message_.envelope.sender);
    record.account = message_.client.account;
    record.message_id = message_id_;
    record.size = message_.message->size();
    record.attempt = {.time = now_, .host = message_.client.said_name, .address = message_.client.address};
    return record;
}

queue::Record KeptForms::record_of_placing(std::size_t index, store::AccountId account,
                                           const smtp::Path& recipient) const {
    auto placing = record();
    placing.index = static_cast<std::uint32_t>(index);
    placing.what = queue::Happened::placed;
    placing.recipient = smtp::to_string(recipient);
    placing.placed_with = account.value();
    if (placing.index == 0) placing.judged = handling_.judged;
    if (const auto* placement = spam::find_placement(handling_.placements, account))
        add_findings(placing.judged, placement->findings);
    return placing;
}

queue::Record KeptForms::record_of_arrival() const {
    auto arrival = record();
    arrival.number = queue::without_attempt;
    arrival.what = queue::Happened::accepted;
    arrival.judged = handling_.judged;
    return arrival;
}

// `id` is that by which the history knows what becomes of the message, so that a bounce leads back to it.
std::string KeptForms::received(const smtp::Path& recipient, const std::string& id) const {
    return smtp::received_field(message_.client, policy_.hostname, id, recipient,
                                message_.envelope.parameters, now_);
}

queue::Recipient KeptForms::waiting(const std::string& address, const smtp::Recipient& recipient) const {
    queue::Recipient waiting;
    waiting.address = address;
    waiting.notify = smtp::value_of(recipient.notify);
    waiting.original = original_of(recipient);
    waiting.next_attempt = now_;
    if (is_quarantined(recipient)) {
        waiting.state = queue::RecipientState::held;
        waiting.last_reply = handling_.held_because;
    }
    return waiting;
}

bool KeptForms::is_quarantined(const smtp::Recipient& recipient) const {
    return !handling_.held_because.empty() && recipient.path.address.has_value();
}

// Of what our own people send, made once however many entries it is (RFC 6376 §5).
const std::string& KeptForms::signatures() {
    if (!signatures_)
        signatures_ = may_sign() ? signatures_of(world_, additions_, *message_.message) : std::string();
    return *signatures_;
}

// Where accounts send under their own names only, they sign under no other either, however it is written: a
// name that we do not read as others may do is nobody's own.
bool KeptForms::may_sign() const {
    const auto& account = message_.client.account;
    if (!may_relay(policy_, message_.client)) return false;
    if (account.empty() || !policy_.sender_must_be_own) return true;
    const auto is_own = [&](const message::ListedAddress& author) {
        if (author.kind != message::ListedAddress::Kind::mailbox) return true;
        const auto mailbox = message::mailbox_of(author);
        return mailbox &&
               is_address_of(world_, smtp::Path{.address = mailbox->address}, account).value_or(false);
    };
    const auto authors = message::parse_address_list(message::unfolded(*message_.message, "From"));
    const bool all_are_read = authors.size() < message::max_listed_addresses;
    return all_are_read && std::ranges::all_of(authors, is_own);
}

std::string KeptForms::seal(const message::Address& passed_on_by) const {
    if (!handling_.authenticated) return {};
    return seal_of(world_, policy_.hostname, passed_on_by, *message_.message, *handling_.authenticated);
}

queue::Entry KeptForms::entry_from(const std::string& sender) {
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
    entry.message_id = message_id_;
    entry.priority = parameters.priority.value_or(0);
    entry.hold_until = release_;
    entry.deliver_by = deadline_of(message_.envelope, now_);
    entry.requiretls = parameters.requiretls;
    // RFC 8689 §4.1: the parameter goes before the header field.
    entry.tls_optional = !parameters.requiretls && needs_no_tls(*message_.message);
    entry.is_junk = handling_.is_junk_for(std::nullopt);
    // With several recipients none is named: each would see the others (RFC 5321 §7.6).
    entry.prefix =
        handling_.fields_for(std::nullopt) +
        received(recipients.size() == 1 ? recipients.front().path : smtp::Path{}, to_string(entry.id)) +
        signatures() + additions_;
    entry.arrival = now_;
    return entry;
}

KeptForms::Entered KeptForms::enter(queue::Entry entry) {
    const bool goes_at_once = world_.handover && world_.handover->is_wanted(entry);
    const auto& blob = content_.for_queue(goes_at_once ? engine::Packing::leave : engine::Packing::compress);
    entry.blob = blob->id;
    entry.blob_size = blob->size;
    if (!goes_at_once) return {.part = world_.queue.part_of(std::move(entry), blob)};
    Fresh fresh{.taken = {}, .entry = entry, .content = message_.message, .orders = world_.queue.orders()};
    for (std::uint32_t i = 0; i < fresh.entry.recipients.size(); ++i) fresh.entry.recipients[i].index = i;
    auto accepted = world_.queue.accept(std::move(entry), blob, queue::longest_lease);
    fresh.taken = std::move(accepted.taken);
    Entered entered{.part = std::move(accepted.part)};
    if (!fresh.taken.dues.empty()) entered.fresh = std::move(fresh);
    return entered;
}

}  // namespace hongyan::flow
