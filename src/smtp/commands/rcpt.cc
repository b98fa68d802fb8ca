// RCPT (RFC 5321 §4.1.1.3).
#include "smtp/commands/commands.h"
#include "smtp/replies.h"
#include "smtp/session.h"
#include "smtp/wire/command.h"
#include "smtp/wire/parameters.h"

namespace hongyan::smtp::commands {

namespace {

std::optional<StandardReply> complaint(const Path& recipient, const Transaction& transaction,
                                       const Limits& limits) {
    if (recipient.is_null()) return replies::bad_forward_path;
    if (is_international(recipient) && !transaction.envelope.parameters.smtputf8)
        return replies::recipient_needs_smtputf8;
    if (transaction.envelope.recipients.size() >= limits.recipients) return replies::too_many_recipients;
    return std::nullopt;
}

void decide(Session& session, const Recipient& recipient, const Reply& reply) {
    auto& transaction = *session.transaction();
    if (reply.is_success())
        transaction.envelope.recipients.push_back(recipient);
    else
        transaction.refused_recipients = true;
    session.reply(reply);
}

}  // namespace

// rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters]   RFC 5321 §4.1.1.3
void rcpt(Session& session, std::string_view argument) {
    auto& transaction = *session.transaction();
    if (!take_word(argument, "TO:")) return session.reply(replies::bad_syntax);
    const auto path = message::take_path(argument);
    if (!path) return session.reply(replies::bad_forward_path);
    const auto parameters = parse_recipient_parameters(argument);
    if (!parameters) return session.reply(parameters.error());
    const Recipient recipient{*path, parameters->notify, parameters->original};
    if (const auto no = complaint(*path, transaction, session.settings().limits))
        return decide(session, recipient, *no);
    const auto& envelope = transaction.envelope;
    session.ask(CheckRecipient{session.client(), envelope.sender, envelope.parameters, recipient},
                [recipient](Session& asker, const Answer& answer) {
                    decide(asker, recipient, std::get<Reply>(answer));
                });
}

}  // namespace hongyan::smtp::commands
