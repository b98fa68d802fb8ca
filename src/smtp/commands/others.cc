// The commands that belong to no transaction: RSET, VRFY, EXPN, HELP, NOOP, QUIT (RFC 5321 §4.1.1.5 to
// §4.1.1.10).
#include "smtp/command_table.h"
#include "smtp/commands/commands.h"

namespace hongyan::smtp::commands {

void rset(Session& session, std::string_view argument) {
    if (!argument.empty()) return session.reply({501, "5.5.4", "RSET takes no argument"});
    session.reply({250, "2.0.0", "Ok"});
}

// RFC 5321 §7.3: an answer that helps nobody to gather addresses.
void vrfy(Session& session, std::string_view argument) {
    if (argument.empty()) return session.reply({501, "5.5.4", "VRFY takes a name or an address"});
    session.reply({252, "2.5.0", "Send some mail and see"});
}

void expn(Session& session, std::string_view) {
    session.reply({502, "5.5.1", "Lists are not expanded here"});
}

void help(Session& session, std::string_view argument) {
    const auto service = session.settings().service;
    if (argument.empty()) {
        std::string verbs;
        for (const auto& row : command_table())
            if (row.services.contains(service)) verbs += fmt::format(" {}", row.verb);
        return session.reply({214, "2.0.0", "Commands:" + verbs});
    }
    const auto* const row = find_command(argument, service);
    if (row == nullptr) return session.reply({504, "5.5.4", "There is no such command"});
    session.reply({214, "2.0.0", fmt::format("{} ({})", row->syntax, row->section)});
}

void noop(Session& session, std::string_view) { session.reply({250, "2.0.0", "Ok"}); }

void quit(Session& session, std::string_view argument) {
    if (!argument.empty()) return session.reply({501, "5.5.4", "QUIT takes no argument"});
    session.reply({221, "2.0.0", fmt::format("{} says goodbye", session.settings().hostname)});
    session.end();
}

}  // namespace hongyan::smtp::commands
