// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 §6.3.3 to §6.3.7; RFC 6154 §3; RFC 8474 §4.1).
#include "imap/commands/commands.h"
#include "imap/commands/list_line.h"
#include "imap/commands/names.h"
#include "imap/commands/special_use.h"
#include "imap/object_id.h"

namespace hongyan::imap::commands {
namespace {

// The commands whose one argument is a mailbox.
template <typename Work>
Reaction with_mailbox(const Arguments& arguments, Work work) {
    arguments.in.space();
    auto text = arguments.in.mailbox();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([text = std::move(text), work](Desk& desk) -> Step { return work(desk, text); });
}

void note_own_name(const Desk& desk, const Spot& spot) {
    const auto mailbox = spot.account.view().find(spot.name);
    if (mailbox) desk.note_own_name(spot.account.id(), mailbox->id);
}

// Those above it that are not there: who makes it makes them too (RFC 9051 §6.3.4).
std::vector<Spot> missing_above(const Spot& spot) {
    std::vector<Spot> missing;
    const auto mail = spot.account.view();
    const auto levels = spot.name.levels();
    for (std::size_t depth = 1; depth < levels.size(); ++depth) {
        const auto above = levels.first(depth);
        Spot level{spot.account, store::MailboxName::of_levels({above.begin(), above.end()}), spot.is_own};
        if (!mail.find(level.name)) missing.push_back(std::move(level));
    }
    return missing;
}

// The mailbox that this is about may be of another account, and so may be its new name.
Step run_rename(Desk& desk, const std::string& from, const std::string& to) {
    TRY(const auto place, find_place(desk, from, {Right::remove}));
    TRY(const auto target, locate(desk, to));
    if (target.account.id() != place.account.id())
        return no(wire::Code::cannot, "A mailbox stays with its owner");
    TRY(permit_creation(desk, target));
    // RFC 9051 §6.3.6: also where it is there as the one that is to have another name.
    if (target.name == place.mailbox.name)
        return fail(Error::Kind::exists, "the mailbox \"{}\" has that name already", target.name.text());
    const auto made_above = missing_above(target);
    TRY(place.account.rename(place.mailbox.id, target.name));
    // INBOX stays, and what was in it has another mailbox (RFC 3501 §6.3.5).
    desk.note_own_name(place.account.id(), place.mailbox.id);
    note_own_name(desk, target);
    for (const auto& level : made_above) note_own_name(desk, level);
    // Where either was written otherwise (RFC 9051 §6.3.6).
    const auto old_name = without_separator(from);
    const bool as_written =
        old_name == place.mailbox.name.text() && without_separator(to) == target.name.text();
    if (target.is_own && !as_written) put_old_name(desk, {}, old_name, target.name.text());
    return ok("Renamed");
}

Step run_subscribe(Desk& desk, const std::string& text, bool subscribed) {
    TRY(const auto spot, locate(desk, text));
    if (spot.is_own) {
        TRY(spot.account.subscribe(spot.name, subscribed));
        note_own_name(desk, spot);
        return ok(subscribed ? "Subscribed" : "Unsubscribed");
    }
    if (subscribed) TRY(find_place(desk, text, {Right::lookup}));
    TRY(const auto owner, desk.here.people->name_of(spot.account.id()));
    TRY(desk.home().subscribe_elsewhere(name_of_others(owner, spot.name).text(), subscribed));
    note_own_name(desk, spot);
    return ok(subscribed ? "Subscribed" : "Unsubscribed");
}

}  // namespace

Reaction create(Session&, const Arguments& arguments) {
    auto wanted = arguments.in.create_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        TRY(const auto spot, locate(desk, wanted.mailbox));
        TRY(permit_creation(desk, spot));
        if (!spot.is_own && !wanted.uses.empty()) return not_the_owner();
        TRY(const auto use, use_for(spot.account.view(), store::no_mailbox, wanted.uses));
        if (!use) return no(wire::Code::use_attribute, "No mailbox can be made for that use");
        const auto made_above = missing_above(spot);
        TRY(const auto made, spot.account.create(spot.name, {.use = *use}));
        desk.note_own_name(spot.account.id(), made.id);
        for (const auto& level : made_above) note_own_name(desk, level);
        if (spot.is_own) put_old_name(desk, {}, without_separator(wanted.mailbox), spot.name.text());
        return ok(wire::Code::mailbox_id, fmt::format("({})", object_id(spot.account.id(), made.id)),
                  "Created");
    });
}

// What lies below keeps its name (RFC 3501 §6.3.4). Who removes the mailbox that it has selected has none
// selected then.
Reaction remove(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const std::string& text) -> Step {
        TRY(const auto place, find_place(desk, text, {Right::remove}));
        const auto removed = place.account.remove(place.mailbox.id, store::Children::keep_name);
        // It stands there only for what is below it (RFC 9051 §6.3.5).
        if (!removed && removed.error().kind == Error::Kind::conflict)
            return no(wire::Code::has_children, "There are mailboxes below it");
        TRY(removed);
        desk.note_own_name(place.account.id(), place.mailbox.id);
        // The name that is left to what lies below is another's.
        note_own_name(desk, {place.account, place.mailbox.name});
        if (desk.here.mailbox && desk.mailbox().account() == place.account.id() &&
            desk.mailbox().id() == place.mailbox.id)
            leave(desk);
        return ok("Deleted");
    });
}

// RENAME SP mailbox SP mailbox
Reaction rename(Session&, const Arguments& arguments) {
    auto& in = arguments.in;
    in.space();
    auto from = in.mailbox();
    in.space();
    auto to = in.mailbox();
    if (!in.complete()) return syntax_error(in);
    return Job(
        [from = std::move(from), to = std::move(to)](Desk& desk) { return run_rename(desk, from, to); });
}

Reaction subscribe(Session&, const Arguments& arguments) {
    return with_mailbox(arguments,
                        [](Desk& desk, const std::string& text) { return run_subscribe(desk, text, true); });
}

Reaction unsubscribe(Session&, const Arguments& arguments) {
    return with_mailbox(arguments,
                        [](Desk& desk, const std::string& text) { return run_subscribe(desk, text, false); });
}

}  // namespace hongyan::imap::commands
