// STARTTLS (RFC 3207).
#include "smtp/commands/commands.h"
#include "smtp/session.h"

namespace hongyan::smtp::commands {

void starttls(Session& session, std::string_view argument) {
    const auto& settings = session.settings();
    if (!argument.empty()) return session.reply({501, "5.5.4", "STARTTLS takes no argument"});
    if (settings.secure) return session.reply({503, "5.5.1", "TLS is active already"});
    if (!settings.offers_tls) return session.reply({454, "4.7.0", "TLS is not available now"});
    session.reply({220, "2.0.0", "Ready to start TLS"});
    session.start_tls();
}

}  // namespace hongyan::smtp::commands
