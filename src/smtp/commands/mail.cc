// MAIL and what follows it (RFC 5321 §4.1.1.2 to §4.1.1.4).
#include "smtp/commands/commands.h"
#include "smtp/session.h"

namespace hongyan::smtp::commands {

// RFC 3463 §3.4: 4.3.2 is a system that takes no messages for now; the sender keeps the mail and tries again.
void mail(Session& session, std::string_view) {
    session.reply({451, "4.3.2", "Mail is not taken here yet, please try again later"});
}

// RCPT, DATA and BDAT need a transaction, and MAIL begins none.
void out_of_order(Session& session, std::string_view) {
    session.reply({503, "5.5.1", "There is no mail transaction"});
}

}  // namespace hongyan::smtp::commands
