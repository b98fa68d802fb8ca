// CAPA (RFC 2449 §5): what this server can do, in the state the session is in.
#include "pop3/command_table.h"
#include "pop3/commands/commands.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

void capa(Session& session, std::string_view) {
    std::vector<std::string> lines{"RESP-CODES", "AUTH-RESP-CODE", "PIPELINING"};
    for (const auto& row : command_table())
        if (!row.capability.empty() && row.is_offered(session)) lines.emplace_back(row.capability);
    lines.emplace_back("IMPLEMENTATION Hongyan");
    session.accept("Capabilities follow");
    session.say(multi_line(lines));
}

}  // namespace hongyan::pop3::commands
