// STLS (RFC 2595 §4).
#include "pop3/commands/commands.h"
#include "pop3/session.h"

namespace hongyan::pop3::commands {

void stls(Session& session, std::string_view) {
    const auto& settings = session.settings();
    if (settings.secure) return session.refuse("", "TLS is active already");
    if (!settings.offers_tls) return session.refuse("SYS/TEMP", "TLS is not available now");
    session.accept("Begin TLS");
    session.start_tls();
}

}  // namespace hongyan::pop3::commands
