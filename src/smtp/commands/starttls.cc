// STARTTLS (RFC 3207).
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"

namespace hongyan::smtp::commands {

void starttls(Session& session, std::string_view /*argument*/) {
    if (session.security().circumstances.encrypted) return session.reply(replies::tls_already);
    if (!session.settings().offers_tls) return session.reply(replies::tls_unavailable);
    session.abandon([](Session& asker) {
        asker.reply(replies::ready_for_tls);
        asker.start_tls();
    });
}

}  // namespace hongyan::smtp::commands
