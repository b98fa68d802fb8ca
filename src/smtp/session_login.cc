// How a session carries a SASL exchange: RFC 4954 §4.
#include "base/check.h"
#include "base/encoding.h"
#include "smtp/replies.h"
#include "smtp/session.h"

namespace hongyan::smtp {

namespace {

// RFC 4954 §4 and §6
StandardReply reply_to(sasl::Refusal refusal) {
    switch (refusal) {
        case sasl::Refusal::wrong_credentials:
        case sasl::Refusal::insufficient_scope:
            return replies::wrong_credentials;
        case sasl::Refusal::malformed:
            return replies::bad_response;
        case sasl::Refusal::cancelled:
            return replies::authentication_cancelled;
        case sasl::Refusal::too_weak:
            return replies::mechanism_too_weak;
        case sasl::Refusal::needs_transition:
            return replies::needs_transition;
        case sasl::Refusal::needs_encryption:
            return replies::encryption_first;
        case sasl::Refusal::unavailable:
            return replies::authentication_broken;
    }
    return replies::authentication_broken;
}

}  // namespace

void Session::authenticate(const sasl::Mechanism& mechanism,
                           std::optional<std::string_view> initial_response) {
    if (observer_ != nullptr) observer_->began(mechanism.name);
    exchange_ = std::make_unique<sasl::Exchange>(mechanism, settings_->sasl, security_.circumstances, random_,
                                                 observer_);
    exchange_->begin(initial_response);
    continue_authentication();
}

bool Session::take_response() {
    const auto line = input().next();
    if (!line) return false;
    if (line->kind == session::Line::Kind::whole)
        respond(line->text);
    else
        abandon_authentication(line->kind == session::Line::Kind::too_long ? replies::response_too_long
                                                                           : replies::bad_response);
    return true;
}

void Session::abandon_authentication(const Reply& why) {
    listening_ = Listening::commands;
    exchange_.reset();
    reply(why);
}

// RFC 4954 §4: base64, or "*" to cancel.
void Session::respond(std::string_view line) {
    if (line == "*") {
        exchange_->cancel();
    } else if (const auto response = from_base64(line)) {
        exchange_->receive(*response);
    } else {
        return abandon_authentication(replies::bad_response);
    }
    continue_authentication();
}

void Session::continue_authentication() {
    listening_ = Listening::commands;
    const auto& next = exchange_->next();
    if (const auto* challenge = std::get_if<sasl::Challenge>(&next)) {
        listening_ = Listening::responses;
        say(fmt::format("334 {}\r\n", to_base64(challenge->text)));
    } else if (const auto* question = std::get_if<sasl::Question>(&next)) {
        ask(Authenticate{*question}, [](Session& session, const Answer& answer) {
            session.exchange_->answer(std::get<sasl::Answer>(answer));
            session.continue_authentication();
        });
    } else if (const auto* granted = std::get_if<sasl::Granted>(&next)) {
        client_.account = granted->account;
        if (observer_ != nullptr) observer_->granted(client_.account);
        exchange_.reset();
        reply(replies::authenticated);
    } else {
        authentication_failed(std::get<sasl::Refused>(next));
    }
}

// By value: the exchange that owns the original ends here.
void Session::authentication_failed(sasl::Refused refused) {
    if (observer_ != nullptr) observer_->refused(refused);
    abandon_authentication(reply_to(refused.why));
    if (refused.why == sasl::Refusal::wrong_credentials && ++failed_attempts_ >= settings_->limits.attempts)
        part(replies::too_many_attempts);
}

}  // namespace hongyan::smtp
