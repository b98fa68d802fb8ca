// The commands that belong to no transaction: RSET, VRFY, EXPN, HELP, NOOP, QUIT (RFC 5321 §4.1.1.5 to
// §4.1.1.10), and ETRN (RFC 1985).
#include <algorithm>

#include "base/ascii.h"
#include "message/utf8.h"
#include "smtp/command_table.h"
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/wire/command.h"

namespace hongyan::smtp::commands {

namespace {

// Our tables say "§", and replies are ASCII (RFC 5321 §4.2).
std::string in_ascii(std::string_view section) {
    constexpr std::string_view sign = "§";
    std::string text(section);
    if (const auto at = text.find(sign); at != text.npos) text.replace(at, sign.size(), "section ");
    return text;
}

void give_answer(Session& session, const Answer& answer) { session.reply(std::get<Reply>(answer)); }

// [ SP "SMTPUTF8" ] behind the name: may the reply be UTF-8?   RFC 6531 §3.7.4.2
bool take_smtputf8(std::string_view& argument) {
    constexpr std::string_view parameter = " SMTPUTF8";
    if (argument.size() <= parameter.size()) return false;
    const auto name = argument.substr(0, argument.size() - parameter.size());
    if (!ascii::iequals(argument.substr(name.size()), parameter)) return false;
    argument = ascii::trim(name);
    return true;
}

// RFC 5321 §7.3: by default an answer that helps nobody to gather addresses.
void verify(Session& session, Verify::What what, std::string_view argument) {
    const bool utf8 = take_smtputf8(argument);
    if (argument.empty()) return session.reply(replies::no_name_to_verify);
    if (session.settings().verifying == Verifying::vague) return session.reply(replies::cannot_verify);
    session.ask(Verify{session.client(), what, std::string(argument)},
                [utf8](Session& asker, const Answer& answer) {
                    const auto& told = std::get<Reply>(answer);
                    const bool may_be_told = utf8 || std::ranges::all_of(told.lines, message::is_ascii);
                    asker.reply(may_be_told ? told : replies::name_needs_smtputf8);
                });
}

}  // namespace

void rset(Session& session, std::string_view /*argument*/) {
    session.abandon([](Session& asker) { asker.reply(replies::flushed); });
}

void vrfy(Session& session, std::string_view argument) { verify(session, Verify::What::mailbox, argument); }
void expn(Session& session, std::string_view argument) { verify(session, Verify::What::list, argument); }

void help(Session& session, std::string_view argument) {
    const auto service = session.settings().service;
    if (argument.empty()) {
        std::string verbs;
        for (const auto& row : command_table())
            if (row.services.contains(service)) verbs += fmt::format(" {}", row.verb);
        return session.reply({214, "2.0.0", "Commands:" + verbs});
    }
    const auto* const row = find_command(argument, service);
    if (row == nullptr) return session.reply(replies::unknown_topic);
    session.reply({214, "2.0.0", fmt::format("{} ({})", row->syntax, in_ascii(row->section))});
}

void noop(Session& session, std::string_view /*argument*/) { session.reply(replies::ok); }

void quit(Session& session, std::string_view /*argument*/) {
    session.reply({221, "2.0.0", fmt::format("{} says goodbye", session.settings().hostname)});
    session.end();
}

// etrn = "ETRN" SP [ "@" / "#" ] node   RFC 1985 §5.2
void etrn(Session& session, std::string_view argument) {
    const bool marked = argument.starts_with('@') || argument.starts_with('#');
    if (!message::Domain::parse(argument.substr(marked ? 1 : 0))) return session.reply(replies::bad_node);
    session.ask(StartQueue{session.client(), std::string(argument)}, &give_answer);
}

}  // namespace hongyan::smtp::commands
