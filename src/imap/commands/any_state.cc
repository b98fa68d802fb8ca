// CAPABILITY, NOOP, CHECK and LOGOUT (RFC 3501 §6.1, §6.4.1); GETJMAPACCESS (RFC 9698).
#include "imap/commands/commands.h"
#include "imap/wire/writer.h"

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

// Where the same mail is to be had by JMAP, under the same identifiers.
Reaction get_jmap_access(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (session.settings().jmap.empty()) return no(wire::Code::unavailable, "There is no JMAP here");
    std::string told = "JMAPACCESS ";
    wire::put_string(told, session.settings().jmap);
    session.tell(told);
    return ok("There it is");
}

}  // namespace hongyan::imap::commands
