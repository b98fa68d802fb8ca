// CAPA (RFC 2449 §5): what this server can do, in the state the session is in.
#include "pop3/command_table.h"
#include "pop3/commands/commands.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

namespace {

// Capabilities that are no command's. Mail stays until it is deleted, and nobody must wait between two
// log-ins (RFC 2449 §6.5, §6.7).
constexpr std::string_view always[] = {"RESP-CODES",   "AUTH-RESP-CODE", "PIPELINING",
                                       "EXPIRE NEVER", "LOGIN-DELAY 0",  "IMPLEMENTATION Hongyan"};

}  // namespace

void capa(Session& session, std::string_view) {
    std::vector<std::string> lines;
    for (const auto& row : command_table())
        if (auto line = row.capability(session); !line.empty()) lines.push_back(std::move(line));
    lines.insert(lines.end(), std::begin(always), std::end(always));
    session.accept("Capabilities follow");
    session.say(multi_line(lines));
}

}  // namespace hongyan::pop3::commands
