// MAIL (RFC 5321 §4.1.1.2).
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"
#include "smtp/wire/command.h"
#include "smtp/wire/parameters.h"

namespace hongyan::smtp::commands {

namespace {

// What the connection lacks for mail of any sender (RFC 3207 §4, RFC 4954 §6).
std::optional<StandardReply> refusal(const Session& session) {
    const auto& settings = session.settings();
    if (settings.requires_tls && !session.security().circumstances.encrypted) return replies::tls_first;
    if (settings.requires_authentication && session.client().account.empty())
        return replies::authentication_first;
    return std::nullopt;
}

std::optional<StandardReply> complaint(const Path& sender, const MailParameters& parameters,
                                       const Limits& limits) {
    if (sender.is_postmaster) return replies::domain_missing;
    if (is_international(sender) && !parameters.smtputf8) return replies::sender_needs_smtputf8;
    if (parameters.size > limits.message_size) return replies::message_too_large;
    return std::nullopt;
}

}  // namespace

// mail = "MAIL FROM:" Reverse-path [SP Mail-parameters]   RFC 5321 §4.1.1.2
void mail(Session& session, std::string_view argument) {
    if (const auto no = refusal(session)) return session.reply(*no);
    if (!take_word(argument, "FROM:")) return session.reply(replies::bad_syntax);
    const auto sender = message::take_path(argument);
    if (!sender) return session.reply(replies::bad_reverse_path);
    const auto parameters = parse_mail_parameters(argument);
    if (!parameters) return session.reply(parameters.error());
    if (const auto no = complaint(*sender, *parameters, session.settings().limits)) return session.reply(*no);
    if (!session.may_begin_transaction()) return;
    const CheckSender question{session.client(), *sender, *parameters};
    session.ask(question, [question](Session& asker, const Answer& answer) {
        const auto& reply = std::get<Reply>(answer);
        if (reply.is_success()) asker.begin_transaction(question.sender, question.parameters);
        asker.reply(reply);
    });
}

}  // namespace hongyan::smtp::commands
