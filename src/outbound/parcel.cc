#include "outbound/parcel.h"

#include <map>

#include "base/ascii.h"
#include "dsn/notify.h"

namespace hongyan::outbound {

namespace {

Result<smtp::Path> path_of(std::string_view address) {
    auto path = message::parse_path(fmt::format("<{}>", address));
    if (!path) return fail(Error::Kind::corrupt, "\"{}\" in the queue is no address", address);
    return path;
}

smtp::Body body_of(std::string_view name) {
    if (name == "BINARYMIME") return smtp::Body::binary;
    return name == "8BITMIME" ? smtp::Body::eight_bit : smtp::Body::seven_bit;
}

smtp::Return return_of(std::string_view name) {
    if (name == "FULL") return smtp::Return::full;
    return name == "HDRS" ? smtp::Return::headers : smtp::Return::unsaid;
}

// "rfc822;ann@here.test"
std::optional<smtp::OriginalRecipient> original_of(std::string_view text) {
    const auto divide = text.find(';');
    if (divide == std::string_view::npos) return std::nullopt;
    return smtp::OriginalRecipient{std::string(text.substr(0, divide)), std::string(text.substr(divide + 1))};
}

smtp::Notify notify_of(std::string_view text) {
    const auto wish = dsn::parse_notify(text);
    return {.said = wish.said, .success = wish.success, .failure = wish.failure, .delay = wish.delay};
}

std::optional<smtp_client::DeliverBy> deliver_by_of(const queue::DeliverBy& wanted, Instant now) {
    using Mode = queue::DeliverBy::Mode;
    if (wanted.mode == Mode::none) return std::nullopt;
    return smtp_client::DeliverBy{
        .remaining = std::chrono::duration_cast<std::chrono::seconds>(wanted.deadline - now),
        .mode = wanted.mode == Mode::notify ? smtp_client::DeliverBy::Mode::notify
                                            : smtp_client::DeliverBy::Mode::give_back,
        .trace = wanted.trace};
}

// What was not said is not said for the sender either (RFC 3461 §5.2.1 (a)).
smtp::MailParameters parameters_of(const queue::Entry& entry) {
    smtp::MailParameters parameters;
    parameters.body = body_of(entry.body);
    parameters.smtputf8 = entry.smtputf8;
    parameters.wanted_return = return_of(entry.wanted_return);
    parameters.envelope_id = entry.envelope_id;
    return parameters;
}

queue::Entry with_recipients(const queue::Entry& whole, const std::vector<std::uint32_t>& indices) {
    auto entry = whole;
    if (indices.size() == whole.recipients.size()) return entry;
    entry.recipients.clear();
    for (const auto index : indices) entry.recipients.push_back(whole.recipients.at(index));
    return entry;
}

// In the order of the recipients.
void add_way(std::size_t& ways, std::string_view destination) {
    ways = ways * 31 + std::hash<std::string_view>()(destination);
}

// As it was when it was leased, so that it may still be sent.
bool is_unchanged(const queue::Queue& queue, const queue::Entry& entry, const Parcel& parcel) {
    std::size_t ways = 0;
    for (const auto& recipient : entry.recipients) {
        const auto destination = queue::destination_of(recipient);
        add_way(ways, destination);
        const bool may = recipient.state == queue::RecipientState::waiting &&
                         recipient.wish == queue::Recipient::Wish::none && !queue.is_paused(destination);
        if (!may) return false;
    }
    return ways == parcel.ways;
}

}  // namespace

std::vector<Parcel> pack(const queue::Taken& taken, std::size_t most) {
    std::vector<Parcel> parcels;
    std::map<queue::EntryId, std::size_t> open;
    for (const auto& due : taken.dues) {
        auto [place, is_new] = open.try_emplace(due.id, parcels.size());
        if (!is_new && parcels[place->second].recipients.size() == most) {
            place->second = parcels.size();
            is_new = true;
        }
        if (is_new)
            parcels.push_back({.id = due.id,
                               .token = taken.lease.token,
                               .hold = taken.hold,
                               .recipients = {},
                               .size = due.size});
        parcels[place->second].recipients.push_back(due.index);
        add_way(parcels[place->second].ways, due.destination);
    }
    return parcels;
}

Result<void> read_content(const engine::Engine& engine, Load& load) {
    auto content = engine.read_blob(load.entry.blob);
    // The entry is there: its content has no right to be gone.
    if (!content && content.error().kind == Error::Kind::not_found)
        return fail(Error::Kind::corrupt, "the content of {} is lost", to_string(load.entry.id));
    TRY(auto bytes, std::move(content));
    load.content = std::make_shared<const std::string>(std::move(bytes));
    return {};
}

Result<Load> load(const engine::Engine& engine, const queue::Queue& queue, Parcel parcel, Content content) {
    Load load;
    const auto fresh = std::exchange(parcel.fresh, nullptr);
    if (fresh && fresh->orders == queue.orders()) {
        load.entry = with_recipients(fresh->entry, parcel.recipients);
        load.content = fresh->content;
        load.parcel = std::move(parcel);
        return load;
    }
    TRY(load.entry, queue.entry(parcel.id, parcel.recipients));
    if (!is_unchanged(queue, load.entry, parcel))
        return fail(Error::Kind::conflict, "something else is wanted with {}", to_string(parcel.id));
    if (content == Content::now && !load.entry.recipients.empty()) TRY(read_content(engine, load));
    load.parcel = std::move(parcel);
    return load;
}

Load take_out(Load& load, const std::vector<std::size_t>& which) {
    Load taken = load;
    taken.parcel.recipients.clear();
    taken.entry.recipients.clear();
    for (const auto at : which) {
        taken.parcel.recipients.push_back(load.entry.recipients[at].index);
        taken.entry.recipients.push_back(load.entry.recipients[at]);
    }
    const auto& gone = taken.parcel.recipients;
    const auto is_gone = [&gone](std::uint32_t index) {
        return std::ranges::find(gone, index) != gone.end();
    };
    std::erase_if(load.parcel.recipients, is_gone);
    std::erase_if(load.entry.recipients,
                  [&is_gone](const queue::Recipient& recipient) { return is_gone(recipient.index); });
    return taken;
}

tls_policy::SenderWish wish_of(const queue::Entry& entry) {
    using tls_policy::SenderWish;
    if (entry.requiretls) return entry.sender.empty() ? SenderWish::none : SenderWish::required;
    return entry.tls_optional ? SenderWish::optional : SenderWish::none;
}

Result<smtp_client::Outgoing> outgoing_of(const Load& load, Instant now) {
    const auto& entry = load.entry;
    smtp_client::Outgoing out;
    TRY(out.sender, path_of(entry.sender));
    out.parameters = parameters_of(entry);
    for (const auto& recipient : entry.recipients) {
        TRY(auto path, path_of(recipient.address));
        out.recipients.push_back({.path = std::move(path),
                                  .notify = notify_of(recipient.notify),
                                  .original = original_of(recipient.original)});
    }
    out.require_tls = entry.requiretls;
    if (entry.priority != 0) out.priority = entry.priority;
    out.deliver_by = deliver_by_of(entry.deliver_by, now);
    out.prefix = entry.prefix;
    out.content = load.content;
    return out;
}

void ask_for_delays(const queue::Entry& entry, Instant now, smtp_client::Outgoing& outgoing) {
    const auto& by = entry.deliver_by;
    if (by.mode != queue::DeliverBy::Mode::notify || by.deadline <= now) return;
    for (auto& [path, notify, original] : outgoing.recipients) {
        const bool is_never = notify.said && !notify.success && !notify.failure && !notify.delay;
        if (is_never) continue;
        notify.failure |= !notify.said;
        notify.said = notify.delay = true;
    }
}

}  // namespace hongyan::outbound
