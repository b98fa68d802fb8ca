// EHLO, HELO and LHLO: who is there, and what can we do (RFC 5321 §4.1.1.1, RFC 2033 §4.1).
#include "smtp/command_table.h"
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp::commands {

namespace {

// RFC 5321 §4.1.1.1: ehlo-line; the first line is our name and a greeting.
std::vector<std::string> abilities(const Session& session) {
    std::vector<std::string> lines{
        fmt::format("{} greets {}", session.settings().hostname, session.client().said_name)};
    for (const auto& extension : extension_table())
        if (const auto parameters = extension.offer(session))
            lines.push_back(std::string(extension.keyword) + *parameters);
    return lines;
}

// A greeting ends a transaction (RFC 5321 §4.1.4).
void say_hello(Session& session, Protocol protocol, std::string_view name) {
    if (!is_client_name(name)) return session.reply(replies::no_client_name);
    session.abandon([protocol, name = std::string(name)](Session& asker) {
        asker.greet(protocol, name);
        if (protocol == Protocol::smtp) return asker.reply({250, "", asker.settings().hostname});
        asker.reply({250, "", abilities(asker)});
    });
}

}  // namespace

void ehlo(Session& session, std::string_view argument) { say_hello(session, Protocol::esmtp, argument); }
void lhlo(Session& session, std::string_view argument) { say_hello(session, Protocol::lmtp, argument); }
void helo(Session& session, std::string_view argument) { say_hello(session, Protocol::smtp, argument); }

}  // namespace hongyan::smtp::commands
