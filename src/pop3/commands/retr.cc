// RETR and TOP (RFC 1939 §5, §7): the text of messages.
#include "pop3/commands/commands.h"
#include "pop3/commands/number.h"
#include "pop3/wire/reply.h"

namespace hongyan::pop3::commands {

namespace {

// Somebody may have removed the message since log-in, say over IMAP; the numbers stay as they are.
void refuse_fetch(Session& session, const Error& error) {
    if (error.kind != Error::Kind::not_found) return session.refuse(error);
    session.say(negative("SYS/TEMP", "The message has been removed by another session"));
}

}  // namespace

void retr(Session& session, std::string_view argument) {
    const auto asked = read_message_number(session, Scanner(argument));
    if (!asked) return;
    session.ask(FetchMessage{asked->message, session.headers()},
                [number = asked->number](Session& here, Answer answer) {
                    auto text = std::get<Result<std::string>>(std::move(answer));
                    if (!text) return refuse_fetch(here, text.error());
                    note_access(here.transaction(), number);
                    here.accept(fmt::format("{} octets", text->size()));
                    here.send_message(*std::move(text));
                });
}

void top(Session& session, std::string_view argument) {
    const auto space = argument.find(' ');
    Scanner in(space == argument.npos ? std::string_view() : argument.substr(space + 1));
    const auto lines = in.number();
    if (!in.complete()) return session.refuse("", "TOP takes a message number and a number of lines");
    const auto asked = read_message_number(session, Scanner(argument.substr(0, space)));
    if (!asked) return;
    session.ask(FetchMessage{asked->message, session.headers()}, [lines](Session& here, Answer answer) {
        auto text = std::get<Result<std::string>>(std::move(answer));
        if (!text) return refuse_fetch(here, text.error());
        text->resize(size_of_top(*text, lines));
        here.accept("The top of the message follows");
        here.send_message(*std::move(text));
    });
}

}  // namespace hongyan::pop3::commands
