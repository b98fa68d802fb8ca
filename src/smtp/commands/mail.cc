// MAIL (RFC 5321 §4.1.1.2).
#include "smtp/command_table.h"
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

// A parameter is known where its extension is offered (RFC 5321 §2.2.1).
struct Use {
    std::string_view extension;
    bool (*is_made)(const MailParameters&);
    StandardReply otherwise;
};
constexpr Use uses[] = {
    {"MT-PRIORITY", [](const MailParameters& given) { return given.priority.has_value(); },
     replies::not_offered},
    {"FUTURERELEASE", [](const MailParameters& given) { return given.is_to_be_held(); },
     replies::not_offered},
    {"DELIVERBY", [](const MailParameters& given) { return given.deliver_by.has_value(); },
     replies::not_offered},
    {"REQUIRETLS", [](const MailParameters& given) { return given.requiretls; },
     replies::requiretls_needs_tls},
};

// RFC 6710 §4.1: the text begins with the priority.
Reply new_priority(int priority) {
    return {250, "2.3.6", fmt::format("{} is the priority: you may give no higher one", priority)};
}

std::optional<StandardReply> complaint_about_use(const MailParameters& parameters, const Session& session) {
    for (const auto& use : uses)
        if (use.is_made(parameters) && !is_offered(session, use.extension)) return use.otherwise;
    return std::nullopt;
}

// RFC 4865 §4.2 and §5.2.2, RFC 2852 §3. The extensions are offered, so there is a clock.
std::optional<StandardReply> complaint_about_times(const MailParameters& parameters,
                                                   const Settings& settings) {
    const auto& [hold_for, hold_until, by] =
        std::tie(parameters.hold_for, parameters.hold_until, parameters.deliver_by);
    if (hold_for && hold_until) return replies::two_holds;
    const bool is_short =
        by && by->mode == DeliverBy::Mode::give_back && by->remaining < settings.wishes.least_deliver_by;
    if (is_short) return replies::too_short_a_time;
    if (!parameters.is_to_be_held()) return std::nullopt;
    const auto now = settings.clock->now();
    const Instant until = hold_until ? *hold_until : now + *hold_for;
    if (until <= now) return replies::hold_is_over;
    if (until > now + settings.wishes.longest_hold) return replies::hold_too_long;
    if (by && until > now + by->remaining) return replies::held_beyond_deadline;
    return std::nullopt;
}

// Who is not known may not push himself forward (RFC 6710 §4.1). True: the client hears of it.
bool lower_priority(MailParameters& parameters, const Session& session) {
    const auto highest = session.client().account.empty() ? 0 : session.settings().wishes.highest_priority;
    if (parameters.priority.value_or(0) <= highest) return false;
    parameters.priority = highest;
    return true;
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
    auto parameters = parse_mail_parameters(argument);
    if (!parameters) return session.reply(parameters.error());
    if (const auto no = complaint(*sender, *parameters, session.settings().limits)) return session.reply(*no);
    if (const auto no = complaint_about_use(*parameters, session)) return session.reply(*no);
    if (const auto no = complaint_about_times(*parameters, session.settings())) return session.reply(*no);
    if (!session.may_begin_transaction()) return;
    const bool is_lowered = lower_priority(*parameters, session);
    const CheckSender question{session.client(), *sender, *parameters};
    session.ask(question, [question, is_lowered](Session& asker, const Answer& answer) {
        const auto& reply = std::get<Reply>(answer);
        if (!reply.is_success()) return asker.reply(reply);
        asker.begin_transaction(question.sender, question.parameters);
        asker.reply(is_lowered ? new_priority(*question.parameters.priority) : reply);
    });
}

}  // namespace hongyan::smtp::commands
