// EHLO, HELO and LHLO: who is there, and what can we do (RFC 5321 §4.1.1.1, RFC 2033 §4.1).
#include "smtp/commands/commands.h"
#include "smtp/session.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp::commands {

namespace {

bool names_itself(Session& session, std::string_view argument) {
    if (is_client_name(argument)) return true;
    session.reply({501, "5.5.4", "Say which host you are"});
    return false;
}

// RFC 5321 §4.1.1.1: ehlo-line; the first line is our name and a greeting.
std::vector<std::string> abilities(const Session& session, std::string_view client) {
    const auto& settings = session.settings();
    std::vector<std::string> lines{fmt::format("{} greets {}", settings.hostname, client), "PIPELINING",
                                   "ENHANCEDSTATUSCODES"};
    if (settings.offers_tls && !settings.secure) lines.emplace_back("STARTTLS");
    lines.emplace_back("HELP");
    return lines;
}

void say_hello(Session& session, std::string_view client) {
    if (!names_itself(session, client)) return;
    session.enter(State::greeted);
    session.reply({250, "", abilities(session, client)});
}

}  // namespace

void ehlo(Session& session, std::string_view argument) { say_hello(session, argument); }
void lhlo(Session& session, std::string_view argument) { say_hello(session, argument); }

void helo(Session& session, std::string_view argument) {
    if (!names_itself(session, argument)) return;
    session.enter(State::greeted);
    session.reply({250, "", session.settings().hostname});
}

}  // namespace hongyan::smtp::commands
