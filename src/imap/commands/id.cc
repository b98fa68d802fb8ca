// ID (RFC 2971): who is who. Nothing may depend on it.
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Reaction id(Session& session, const Arguments& arguments) {
    arguments.in.id_arguments();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    session.tell(R"(ID ("name" "Hongyan"))");
    return ok("Nice to meet you");
}

}  // namespace hongyan::imap::commands
