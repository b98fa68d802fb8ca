// IDLE (RFC 2177 §3).
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Reaction idle(Session& session, const Arguments& arguments) {
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    return session.idle();
}

}  // namespace hongyan::imap::commands
