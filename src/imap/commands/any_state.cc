// CAPABILITY, NOOP, CHECK and LOGOUT (RFC 3501 §6.1, §6.4.1).
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Reaction capability(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.tell("CAPABILITY " + capabilities(session));
    return ok("That is all");
}

// What is new is told at the end of every command, so there is nothing left to do.
Reaction noop(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (session.state() != State::selected && !session.standing().wants_news()) return ok("Done");
    return Glance{[] { return Job([](Desk&) -> Step { return ok("Done"); }); }};
}

Reaction logout(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.tell("BYE Goodbye");
    session.end();
    return ok("Logged out");
}

}  // namespace hongyan::imap::commands
