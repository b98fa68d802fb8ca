#include "admin/accounts.h"
#include "admin/services.h"
#include "admin/tables.h"
#include "queue/finding.h"

namespace hongyan::admin {

namespace {

using Kind = Argument::Kind;

using queue::Control;

constexpr std::size_t destinations_shown = 20;
constexpr std::size_t page_of_list = 100;
constexpr std::uint64_t usual_list = 10'000;  // nobody reads a million rows

// As people see it: one whose attempt is under way waits no longer.
std::string state_of(const queue::Recipient& recipient) {
    return recipient.lease ? "leased" : std::string(to_string(recipient.state));
}

Result<queue::Selection> selection_of(const Call& call) {
    queue::Selection selection;
    if (call.values.given("id")) {
        TRY(selection.id, queue::parse_entry_id(call.values.text("id")));
    }
    selection.recipient = call.values.text_or("recipient", "");
    selection.domain = call.values.text_or("domain", "");
    selection.sender = call.values.text_or("sender", "");
    selection.account = call.values.text_or("account", "");
    selection.all = call.values.given("all");
    if (selection.says_nothing())
        return fail(Error::Kind::invalid,
                    "say which: a message, --recipient, --domain, --sender, --account or --all");
    return selection;
}

// The addresses that are not done with, as far as they are asked for.
std::vector<std::string> open_addresses(const queue::Entry& entry, const queue::Selection& selection) {
    std::vector<std::string> addresses;
    for (const auto& recipient : entry.recipients)
        if (!is_final(recipient.state) && fits(selection, entry, recipient))
            addresses.push_back(recipient.address);
    return addresses;
}

// Why they are held, or what kept the last attempt from going well: the first that says so.
std::string first_reply(const queue::Entry& entry) {
    for (const auto& recipient : entry.recipients)
        if (!is_final(recipient.state) && !recipient.last_reply.empty()) return recipient.last_reply;
    return {};
}

std::vector<std::string> open_states(const queue::Entry& entry) {
    std::set<std::string> states;
    for (const auto& recipient : entry.recipients)
        if (!is_final(recipient.state)) states.insert(state_of(recipient));
    return {states.begin(), states.end()};
}

Result<void> list(const Call& call) {
    queue::Selection selection;
    selection.recipient = call.values.text_or("recipient", "");
    selection.domain = call.values.text_or("domain", "");
    selection.sender = call.values.text_or("sender", "");
    selection.account = call.values.text_or("account", "");
    queue::Queue::Page page{.after = {}, .limit = page_of_list};
    if (call.values.given("after")) {
        TRY(page.after, queue::parse_entry_id(call.values.text("after")));
    }
    TRY(auto room, call.values.number_or("limit", usual_list));
    auto listing = call.show_pages(
        {{"id"}, {"arrival"}, {"size"}, {"sender", 40}, {"state"}, {"recipients"}, {"reply", 80}});
    for (bool more = true; more && room > 0;) {
        page.limit = std::min<std::uint64_t>(room, page_of_list);
        TRY(const auto found, queue::find(call.services.kept->engine, selection, page));
        for (const auto& entry : found.entries)
            listing.add({to_string(entry.id), shown(entry.arrival), entry.size(), entry.sender,
                         open_states(entry), open_addresses(entry, selection), first_reply(entry)});
        room -= found.entries.size();
        more = found.next.has_value();
        page.after = found.next.value_or(page.after);
        listing.write(LongListing::Page::more);
    }
    listing.write(LongListing::Page::last);
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
    Listing listing({{"recipient"},
                     {"state"},
                     {"attempts"},
                     {"next_attempt"},
                     {"destination"},
                     {"notify"},
                     {"original"},
                     {"reply"}});
    for (const auto& recipient : entry.recipients)
        listing.add({recipient.address, state_of(recipient), std::uint64_t{recipient.attempts},
                     shown(recipient.next_attempt), destination_of(recipient), recipient.notify,
                     recipient.original, recipient.last_reply});
    call.show(listing);
    return {};
}

Result<void> remove(const Call& call) {
    TRY(const auto entry, named_entry(call));
    return call.services.kept->queue.remove(entry.id);
}

Result<void> change(const Call& call, Control what, std::string_view done, std::string_view route = {}) {
    TRY(const auto selection, selection_of(call));
    TRY(const auto changed, call.services.kept->queue.change(selection, what, route));
    call.say(fmt::format("{} recipient{} {}", changed.recipients, changed.recipients == 1 ? "" : "s", done));
    if (changed.under_way > 0)
        call.say(fmt::format("{} of them when the attempt that is under way has failed", changed.under_way));
    return {};
}

Result<void> hold(const Call& call) { return change(call, Control::hold, "held"); }
Result<void> release(const Call& call) { return change(call, Control::release, "released"); }
Result<void> retry(const Call& call) { return change(call, Control::retry, "to be tried now"); }
Result<void> cancel(const Call& call) { return change(call, Control::cancel, "cancelled"); }
Result<void> reroute(const Call& call) {
    if (!call.values.given("to")) return fail(Error::Kind::invalid, "say where to send them: --to HOST");
    return change(call, Control::reroute, "rerouted", call.values.text("to"));
}

// A destination, or with --all the empty name that stands for all.
Result<std::string> paused_name(const Call& call) {
    if (call.values.given("domain") == call.values.given("all"))
        return fail(Error::Kind::invalid, "say which destination, or --all");
    return call.values.text_or("domain", "");
}

Result<void> pause(const Call& call) {
    TRY(const auto name, paused_name(call));
    return call.services.kept->queue.pause(name, call.values.text_or("reason", ""));
}

Result<void> resume(const Call& call) {
    TRY(const auto name, paused_name(call));
    return call.services.kept->queue.resume(name);
}

Result<void> pauses(const Call& call) {
    TRY(const auto all, call.services.kept->queue.pauses());
    Listing listing({{"destination"}, {"since"}, {"reason"}});
    for (const auto& pause : all)
        listing.add(
            {pause.destination.empty() ? "(all)" : pause.destination, shown(pause.since), pause.reason});
    call.show(listing);
    return {};
}

Result<void> show_resting(const Call& call) {
    Listing listing({{"destination"}, {"host"}, {"since"}, {"until"}, {"why"}});
    for (const auto& rest : call.services.kept->queue.rests().at(call.services.clock.now()))
        listing.add({rest.destination, rest.host, shown(rest.since), shown(rest.until), rest.why});
    call.show(listing);
    return {};
}

Result<void> stats(const Call& call) {
    if (call.values.given("resting")) return show_resting(call);
    TRY(const auto limit, call.values.number_or("limit", destinations_shown, 100'000));
    const bool by_destination = call.values.given("destinations");
    TRY(const auto found,
        call.services.kept->queue.statistics(by_destination ? static_cast<std::size_t>(limit) : 0));
    if (!by_destination) {
        Listing listing({{"messages"}, {"bytes"}, {"ready"}, {"asleep"}, {"leased"}, {"held"}});
        listing.add({found.messages, found.bytes, found.ready, found.asleep, found.leased, found.held});
        call.show(listing);
        return {};
    }
    Listing listing({{"destination"}, {"recipients"}, {"oldest"}});
    for (const auto& destination : found.destinations)
        listing.add({destination.name, destination.recipients, shown(destination.oldest)});
    if (found.elsewhere > 0) listing.add({"(others)", found.elsewhere, std::string()});
    call.show(listing);
    return {};
}

constexpr Argument id{"id", Kind::required, "The message, as queue list names it"};
constexpr Argument perhaps_id{"id", Kind::optional, "The message, as queue list names it"};
constexpr Argument recipient{"recipient", Kind::option, "Those to this address"};
constexpr Argument domain{"domain", Kind::option, "Those that go to this destination"};
constexpr Argument sender{"sender", Kind::option, "Those with this reverse-path"};
constexpr Argument account{"account", Kind::option, "Those that this account handed in"};
constexpr Argument all{"all", Kind::flag, "All of them"};
constexpr Argument some_destination{"domain", Kind::optional, "The destination"};
constexpr Argument all_destinations{"all", Kind::flag, "All destinations"};

constexpr Argument list_arguments[] = {
    recipient,
    domain,
    sender,
    account,
    {"after", Kind::option, "Only those that came after this message"},
    {"limit", Kind::option, "How many at most; 10000 where nothing is said"},
    json_flag};
constexpr Argument show_arguments[] = {
    id, {"raw", Kind::flag, "The message byte by byte, instead of its recipients"}, json_flag};
constexpr Argument remove_arguments[] = {id};
constexpr Argument change_arguments[] = {perhaps_id, recipient, domain, sender, account, all};
constexpr Argument reroute_arguments[] = {
    perhaps_id,
    {"to", Kind::option, "Where they go from now on: a domain, a host in brackets, with or without :PORT"},
    recipient,
    domain,
    sender,
    account,
    all};
constexpr Argument pause_arguments[] = {
    some_destination, all_destinations, {"reason", Kind::option, "Why, for those who look later"}};
constexpr Argument resume_arguments[] = {some_destination, all_destinations};
constexpr Argument pauses_arguments[] = {json_flag};
constexpr Argument stats_arguments[] = {
    {"destinations", Kind::flag, "By destination, those with the most recipients first"},
    {"limit", Kind::option, "How many destinations are listed"},
    {"resting", Kind::flag, "Destinations that are left alone for now, by a running server, and why"},
    json_flag};

constexpr Command rows[] = {
    {"queue", "list", "List the messages that wait to be sent", list_arguments, Needs::services, &list},
    {"queue", "show", "Show the recipients of one of them, or the message", show_arguments, Needs::services,
     &show},
    {"queue", "hold", "Hold recipients back until they are released", change_arguments, Needs::services,
     &hold},
    {"queue", "release", "Let what was held be sent, at once", change_arguments, Needs::services, &release},
    {"queue", "retry", "Try what waits for its time at once", change_arguments, Needs::services, &retry},
    {"queue", "reroute", "Send recipients to another server than their domain's", reroute_arguments,
     Needs::services, &reroute},
    {"queue", "cancel", "Give recipients up; nobody is told", change_arguments, Needs::services, &cancel},
    {"queue", "remove", "Remove a message; nobody is told", remove_arguments, Needs::services, &remove},
    {"queue", "pause", "Send nothing to a destination, or nothing at all", pause_arguments, Needs::services,
     &pause},
    {"queue", "resume", "Send again what was paused", resume_arguments, Needs::services, &resume},
    {"queue", "pauses", "List what is paused", pauses_arguments, Needs::services, &pauses},
    {"queue", "stats", "Count what waits: recipients by state, or by destination", stats_arguments,
     Needs::services, &stats},
};

}  // namespace

std::span<const Command> queue_commands() { return rows; }

}  // namespace hongyan::admin
