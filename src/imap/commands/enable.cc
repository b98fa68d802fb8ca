// ENABLE (RFC 5161 §3.1): the client says what it understands.
#include <algorithm>

#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

// What we do not know is passed over in silence (RFC 5161 §3.1).
Reaction enable(Session& session, const Arguments& arguments) {
    const auto wanted = arguments.in.atoms();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    const bool condstore =
        std::ranges::any_of(wanted, [](const auto& word) { return ascii::iequals(word, "CONDSTORE"); });
    auto& standing = session.standing();
    const bool is_new = condstore && !std::exchange(standing.condstore, standing.condstore || condstore);
    session.tell(condstore ? "ENABLED CONDSTORE" : "ENABLED");
    // RFC 7162 §3.1.2.1: the client has to know from where to count.
    if (is_new && standing.mailbox)
        session.tell(fmt::format("OK [HIGHESTMODSEQ {}] Highest", standing.mailbox->highest_modseq()));
    return ok("Enabled");
}

}  // namespace hongyan::imap::commands
