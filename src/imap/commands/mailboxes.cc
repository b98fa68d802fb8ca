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
    return Job([text = std::move(text), work](Desk& desk) -> Step {
        TRY(const auto name, parse_name(text));
        return work(desk, name);
    });
}

}  // namespace

Reaction create(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const store::MailboxName& name) -> Step {
        TRY(desk.account.create(name));
        return ok("Created");
    });
}

// What lies below keeps its name (RFC 3501 §6.3.4). Who removes the mailbox that it has selected has none
// selected then.
Reaction remove(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const store::MailboxName& name) -> Step {
        TRY(const auto mailbox, desk.account.view().find(name));
        TRY(desk.account.remove(mailbox.id, store::Children::keep_name));
        if (desk.here.mailbox && desk.mailbox().id() == mailbox.id) leave(desk);
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
    return Job([from = std::move(from), to = std::move(to)](Desk& desk) -> Step {
        TRY(const auto old_name, parse_name(from));
        TRY(const auto new_name, parse_name(to));
        TRY(const auto mailbox, desk.account.view().find(old_name));
        TRY(desk.account.rename(mailbox.id, new_name));
        return ok("Renamed");
    });
}

Reaction subscribe(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const store::MailboxName& name) -> Step {
        TRY(desk.account.subscribe(name, true));
        return ok("Subscribed");
    });
}

Reaction unsubscribe(Session&, const Arguments& arguments) {
    return with_mailbox(arguments, [](Desk& desk, const store::MailboxName& name) -> Step {
        TRY(desk.account.subscribe(name, false));
        return ok("Unsubscribed");
    });
}

}  // namespace hongyan::imap::commands
