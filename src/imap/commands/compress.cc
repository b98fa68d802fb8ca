// COMPRESS (RFC 4978 §3).
#include "base/ascii.h"
#include "imap/commands/commands.h"

namespace hongyan::imap::commands {

Reaction compress(Session& session, const Arguments& arguments) {
    arguments.in.space();
    const auto algorithm = arguments.in.atom();
    if (!arguments.in.complete()) return syntax_error(arguments.in);
    if (!ascii::iequals(algorithm, "DEFLATE")) return bad("Only DEFLATE is known here");
    // The grammar calls it BAD, the text and most clients expect NO with its code.
    if (session.compresses()) return no(wire::Code::compression_active, "DEFLATE is active already");
    if (!session.compress()) return no(wire::Code::unavailable, "There is no room for it now");
    return ok("DEFLATE active");
}

}  // namespace hongyan::imap::commands
