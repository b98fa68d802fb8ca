// STLS (RFC 2595 §4).
#include "pop3/commands/commands.h"
#include "pop3/session.h"

namespace hongyan::pop3::commands {

void stls(Session& session, std::string_view) {
    if (session.security().is_encrypted()) return session.refuse("", "TLS is active already");
    if (session.utf8()) return session.refuse("", "STLS comes before UTF8");
    if (!session.settings().offers_tls) return session.refuse("SYS/TEMP", "TLS is not available now");
    session.accept("Begin TLS");
    session.start_tls();
}

}  // namespace hongyan::pop3::commands
