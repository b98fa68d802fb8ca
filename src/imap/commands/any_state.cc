// CAPABILITY, NOOP and LOGOUT (RFC 9051 §6.1).
#include "imap/command_table.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Completion syntax_error() { return {Completion::Kind::bad, "The arguments are not understood"}; }

Completion capability(Session& session, wire::Parser& arguments) {
    if (!arguments.complete()) return syntax_error();
    session.tell("CAPABILITY " + capabilities(session));
    return {Completion::Kind::ok, "That is all"};
}

Completion noop(Session&, wire::Parser& arguments) {
    if (!arguments.complete()) return syntax_error();
    return {Completion::Kind::ok, "Nothing has changed"};
}

Completion logout(Session& session, wire::Parser& arguments) {
    if (!arguments.complete()) return syntax_error();
    session.tell("BYE Goodbye");
    session.end();
    return {Completion::Kind::ok, "Logged out"};
}

}  // namespace hongyan::imap::commands
