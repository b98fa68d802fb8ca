// STARTTLS (RFC 9051 §6.2.1).
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Completion starttls(Session& session, wire::Parser& arguments) {
    if (!arguments.complete()) return syntax_error();
    if (session.settings().secure) return {Completion::Kind::bad, "TLS is active already"};
    if (!session.settings().offers_tls)
        return {Completion::Kind::no, "[UNAVAILABLE] TLS is not available now"};
    session.start_tls();
    return {Completion::Kind::ok, "Begin TLS"};
}

}  // namespace hongyan::imap::commands
