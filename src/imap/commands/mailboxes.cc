// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 §6.3.3 to §6.3.7).
#include "imap/commands/commands.h"
#include "imap/commands/names.h"

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

// The mailbox that this is about may be of another account, and so may be its new name.
Step run_rename(Desk& desk, const std::string& from, const std::string& to) {
    TRY(const auto place, find_place(desk, from, {Right::remove}));
    TRY(const auto target, locate(desk, to));
    if (target.account.id() != place.account.id())
        return no(wire::Code::cannot, "A mailbox stays with its owner");
    TRY(permit_creation(desk, target));
    desk.note_own_change();
    TRY(place.account.rename(place.mailbox.id, target.name));
    return ok("Renamed");
}

Step run_subscribe(Desk& desk, const std::string& text, bool subscribed) {
    desk.note_own_change();
    TRY(const auto spot, locate(desk, text));
    if (spot.is_own) {
        TRY(spot.account.subscribe(spot.name, subscribed));
        return ok(subscribed ? "Subscribed" : "Unsubscribed");
    }
    if (subscribed) TRY(find_place(desk, text, {Right::lookup}));
    TRY(const auto owner, desk.here.people->name_of(spot.account.id()));
    TRY(desk.home().subscribe_elsewhere(name_of_others(owner, spot.name).text(), subscribed));
    return ok(subscribed ? "Subscribed" : "Unsubscribed");
}

}  // namespace

Reaction create(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const std::string& text) -> Step {
        TRY(const auto spot, locate(desk, text));
        TRY(permit_creation(desk, spot));
        desk.note_own_change();
        TRY(spot.account.create(spot.name));
        return ok("Created");
    });
}

// What lies below keeps its name (RFC 3501 §6.3.4). Who removes the mailbox that it has selected has none
// selected then.
Reaction remove(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const std::string& text) -> Step {
        TRY(const auto place, find_place(desk, text, {Right::remove}));
        desk.note_own_change();
        TRY(place.account.remove(place.mailbox.id, store::Children::keep_name));
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
