#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

// As people see it: one whose attempt is under way waits no longer.
std::string state_of(const queue::Recipient& recipient) {
    return recipient.lease ? "leased" : state_of(recipient);
}

std::vector<std::string> waiting_addresses(const queue::Entry& entry) {
    std::vector<std::string> addresses;
    for (const auto& recipient : entry.recipients)
        if (recipient.state == queue::RecipientState::waiting) addresses.push_back(recipient.address);
    return addresses;
}

Result<void> list(const Call& call) {
    queue::Queue::Page page;
    Listing listing({{"id"}, {"arrival"}, {"size"}, {"sender", 40}, {"recipients"}});
    for (;;) {
        TRY(const auto entries, call.services.kept->queue.list(page));
        if (entries.empty()) break;
        for (const auto& entry : entries)
            listing.add({to_string(entry.id), shown(entry.arrival), entry.size(), entry.sender,
                         waiting_addresses(entry)});
        page.after = entries.back().id;
    }
    call.show(listing);
    return {};
}

Result<queue::Entry> named_entry(const Call& call) {
    TRY(const auto id, queue::parse_entry_id(call.values.text("id")));
    return call.services.kept->queue.entry(id);
}

Result<void> show(const Call& call) {
    TRY(const auto entry, named_entry(call));
    if (call.values.given("raw")) {
        TRY(const auto message, call.services.kept->queue.read(entry));
        call.console.out(message);
        return {};
    }
    Listing listing(
        {{"recipient"}, {"state"}, {"attempts"}, {"next_attempt"}, {"notify"}, {"original"}, {"reply"}});
    for (const auto& recipient : entry.recipients)
        listing.add({recipient.address, state_of(recipient), std::uint64_t{recipient.attempts},
                     shown(recipient.next_attempt), recipient.notify, recipient.original,
                     recipient.last_reply});
    call.show(listing);
    return {};
}

Result<void> remove(const Call& call) {
    TRY(const auto entry, named_entry(call));
    return call.services.kept->queue.remove(entry.id);
}

constexpr Argument id{"id", Kind::required, "The message, as queue list names it"};
constexpr Argument list_arguments[] = {json_flag};
constexpr Argument show_arguments[] = {
    id, {"raw", Kind::flag, "The message byte by byte, instead of its recipients"}, json_flag};
constexpr Argument remove_arguments[] = {id};

constexpr Command rows[] = {
    {"queue", "list", "List the messages that wait to be sent", list_arguments, Needs::services, &list},
    {"queue", "show", "Show the recipients of one of them, or the message", show_arguments, Needs::services,
     &show},
    {"queue", "remove", "Remove a message; nobody is told", remove_arguments, Needs::services, &remove},
};

}  // namespace

std::span<const Command> queue_commands() { return rows; }

}  // namespace hongyan::admin
