// USER and PASS (RFC 1939 §7).
#include "pop3/commands/commands.h"
#include "pop3/session.h"

namespace hongyan::pop3::commands {

void user(Session& session, std::string_view argument) {
    if (!session.takes_passwords()) return session.refuse("", "A password needs TLS: use STLS first");
    session.set_user(argument);
    session.accept("Now the password");
}

// RFC 3206 §4: SYS/TEMP is trouble of ours that passes, so the client need not ask its user for another
// password.
void pass(Session& session, std::string_view) {
    if (session.user().empty()) return session.refuse("", "USER comes first");
    session.set_user({});
    session.refuse("SYS/TEMP", "Mailboxes are not open yet, please try again later");
}

}  // namespace hongyan::pop3::commands
