// NOTIFY (RFC 5465 §3).
#include "imap/commands/commands.h"
#include "imap/wire/notify_parser.h"

namespace hongyan::imap::commands {

Reaction notify(Session&, const Arguments& arguments) {
    auto wanted = wire::notify_arguments(arguments.in);
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (wanted.has_unknown_event)
        return Completion{wire::Condition::no,
                          {wire::Code::bad_event, wire::known_events(), "There is no such event here"}};
    return Job([wanted = std::move(wanted)](Desk& desk) -> Step {
        const auto begun = desk.here.notify.begin(desk, wanted);
        if (begun) return ok("Done");
        desk.here.notify = Notify::none();
        if (begun.error().kind != Error::Kind::too_large) return std::unexpected(begun.error());
        return no(wire::Code::notification_overflow, "Not possible: " + begun.error().message);
    });
}

}  // namespace hongyan::imap::commands
