// LOGIN and AUTHENTICATE (RFC 9051 §6.2.2, §6.2.3).
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

namespace {

// RFC 5530 §3: UNAVAILABLE is trouble of ours that passes, so the client need not ask its user for another
// password.
Completion not_open_yet() {
    return {Completion::Kind::no, "[UNAVAILABLE] Mailboxes are not open yet, please try again later"};
}

}  // namespace

// No mechanism is offered, so whichever is named is not available to this user.
Completion authenticate(Session&, wire::Parser& arguments) {
    arguments.space();
    arguments.atom();
    if (arguments.failed()) return syntax_error();
    return not_open_yet();
}

// login = "LOGIN" SP userid SP password, both astring
Completion login(Session& session, wire::Parser& arguments) {
    arguments.space();
    arguments.astring();
    arguments.space();
    arguments.astring();
    if (!arguments.complete()) return syntax_error();
    if (!session.takes_passwords())
        return {Completion::Kind::no, "[PRIVACYREQUIRED] A password needs TLS: use STARTTLS first"};
    return not_open_yet();
}

}  // namespace hongyan::imap::commands
