// QUIT (RFC 1939 §5).
#include "pop3/commands/commands.h"
#include "pop3/session.h"

namespace hongyan::pop3::commands {

void quit(Session& session, std::string_view) {
    session.accept("Goodbye");
    session.end();
}

}  // namespace hongyan::pop3::commands
